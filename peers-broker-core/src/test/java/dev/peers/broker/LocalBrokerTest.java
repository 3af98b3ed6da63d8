package dev.peers.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peers.Broker;
import dev.peers.ErrorCode;
import dev.peers.Limits;
import dev.peers.OutgoingMessage;
import dev.peers.PeerId;
import dev.peers.PeersException;
import dev.peers.ProcessRef;
import dev.peers.Registration;
import dev.peers.SessionKey;
import dev.peers.Workspace;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LocalBrokerTest {
  private static final Limits NARROW = new Limits(2, 0, 0, Duration.ofDays(7), Duration.ofDays(30));

  @Test
  void refusesMailForAFullMailboxAndTakesItAgainWhenThereIsRoom() {
    try (Broker broker = LocalBroker.over(new InMemoryStore()).limits(NARROW).build()) {
      PeerId eel = join(broker);
      var first = broker.send(OutgoingMessage.of(eel, eel, "1"));
      broker.send(OutgoingMessage.of(eel, eel, "2"));
      assertThatThrownBy(() -> broker.send(OutgoingMessage.of(eel, eel, "3")))
          .isInstanceOfSatisfying(
              PeersException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.MAILBOX_FULL))
          .hasMessageContaining("the most a mailbox holds is 2");
      broker.acknowledge(eel, List.of(first.id()));
      broker.send(OutgoingMessage.of(eel, eel, "3"));
    }
  }

  @Test
  void knowsItsPeersAgainAfterARestart() {
    InMemoryStore store = new InMemoryStore();
    LocalBroker first = LocalBroker.over(store).build();
    PeerId eel = join(first);
    first.send(OutgoingMessage.of(eel, eel, "kept"));
    // The first broker is not closed: it was killed.
    try (Broker second = LocalBroker.over(store).build()) {
      assertThat(second.find(eel)).isPresent();
      assertThat(join(second)).isEqualTo(eel);
      assertThat(second.peek(eel, 0, 0).remaining()).isEqualTo(1);
    }
  }

  @Test
  void knowsEachKeyOfAPeerAgainAfterARestart() {
    InMemoryStore store = new InMemoryStore();
    LocalBroker first = LocalBroker.over(store).build();
    PeerId eel = join(first);
    first.addKey(eel, new SessionKey("another"));
    try (Broker second = LocalBroker.over(store).build()) {
      Registration resumed =
          Registration.builder(new SessionKey("another"), Workspace.of("/w")).build();
      assertThat(second.register(resumed).id()).isEqualTo(eel);
      assertThat(join(second)).isEqualTo(eel);
    }
  }

  @Test
  void keepsTheLatestKeysOfAPeer() {
    try (Broker broker = LocalBroker.over(new InMemoryStore()).build()) {
      PeerId eel = join(broker);
      for (int i = 0; i < 40; i++) {
        broker.addKey(eel, new SessionKey("key " + i));
      }
      for (int i = 0; i < 40; i++) {
        Registration resumed =
            Registration.builder(new SessionKey("key " + i), Workspace.of("/w")).build();
        assertThat(broker.register(resumed).id().equals(eel)).isEqualTo(i >= 8);
      }
      assertThat(join(broker)).isEqualTo(eel);
    }
  }

  @Test
  void aSessionThatInheritedAPeerFindsItAgainAfterARestart() {
    InMemoryStore store = new InMemoryStore();
    LocalBroker first = LocalBroker.over(store).build();
    Registration owner =
        Registration.builder(new SessionKey("owner"), Workspace.of("/w")).name("eel").build();
    PeerId eel = first.register(owner).id();
    first.send(OutgoingMessage.of(eel, eel, "kept"));
    first.unregister(eel);
    Registration heir =
        owner.toBuilder()
            .sessionKey(new SessionKey("heir"))
            .process(new ProcessRef(ProcessHandle.current().pid(), null))
            .build();
    assertThat(first.register(heir).id()).isEqualTo(eel);
    try (Broker second = LocalBroker.over(store).build()) {
      assertThat(second.register(heir).id()).isEqualTo(eel);
      assertThat(second.register(owner).id()).isEqualTo(eel);
      assertThat(second.register(heir).id()).isNotEqualTo(eel);
    }
  }

  @Test
  void theNewestProcessOfAnAgentIsItsSessionThoughItComesBackFirst() {
    ProcessRef agent = new ProcessRef(42, null);
    ProcessProbe probe =
        new ProcessProbe() {
          @Override
          public boolean isAlive(ProcessRef process) {
            return true;
          }

          @Override
          public Optional<ProcessRef> parentOf(ProcessRef process) {
            return Optional.of(agent);
          }
        };
    InMemoryStore store = new InMemoryStore();
    Registration older =
        Registration.builder(new SessionKey("one"), Workspace.of("/w"))
            .process(new ProcessRef(43, Instant.ofEpochSecond(1)))
            .parent(agent)
            .build();
    PeerId id = LocalBroker.over(store).probe(probe).build().register(older).id();
    try (Broker second = LocalBroker.over(store).probe(probe).build()) {
      Registration newer =
          older.toBuilder().process(new ProcessRef(44, Instant.ofEpochSecond(2))).build();
      assertThat(second.register(newer).id()).isEqualTo(id);
      assertThatThrownBy(() -> second.register(older))
          .isInstanceOfSatisfying(
              PeersException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SUPERSEDED));
    }
  }

  @Test
  void aSessionWhoseProcessLivesKeepsItsMailboxFromAClaimantWithoutProcess() {
    try (LocalBroker broker = LocalBroker.over(new InMemoryStore()).build()) {
      Registration unnamed =
          Registration.builder(new SessionKey("one"), Workspace.of("/other")).build();
      Registration session =
          Registration.builder(new SessionKey("one"), Workspace.of("/w"))
              .process(new ProcessRef(ProcessHandle.current().pid(), null))
              .build();
      PeerId id = broker.register(session).id();
      broker.send(OutgoingMessage.of(id, id, "kept"));
      PeerId other = broker.register(unnamed).id();
      assertThat(other).isNotEqualTo(id);
      assertThat(broker.register(session).id()).isEqualTo(id);
      assertThat(broker.find(id).orElseThrow().workspace().cwd()).isEqualTo("/w");
      broker.unregister(id);
      assertThat(broker.register(unnamed).id()).isEqualTo(other);
    }
  }

  @Test
  void aClaimantWithoutProcessTakesOverTheMailboxOfASessionThatHasLeft() {
    try (LocalBroker broker = LocalBroker.over(new InMemoryStore()).build()) {
      Registration session =
          Registration.builder(new SessionKey("one"), Workspace.of("/w"))
              .process(new ProcessRef(ProcessHandle.current().pid(), null))
              .build();
      PeerId id = broker.register(session).id();
      broker.send(OutgoingMessage.of(id, id, "kept"));
      broker.unregister(id);
      assertThat(broker.register(session.toBuilder().process(null).build()).id()).isEqualTo(id);
    }
  }

  @Test
  void saysThatItIsClosed() {
    Broker broker = LocalBroker.over(new InMemoryStore()).build();
    broker.close();
    broker.close();
    assertThatThrownBy(broker::status)
        .isInstanceOfSatisfying(
            PeersException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CLOSED));
  }

  private static PeerId join(Broker broker) {
    return broker
        .register(Registration.builder(new SessionKey("eel"), Workspace.of("/w/eel")).build())
        .id();
  }
}
