package dev.peers.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peers.Summary;
import dev.peers.ErrorCode;
import dev.peers.PeerId;
import dev.peers.PeersException;
import dev.peers.Registration;
import dev.peers.SessionKey;
import dev.peers.Workspace;
import dev.peers.broker.InMemoryStore;
import dev.peers.broker.LocalBroker;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PeerLookupTest {
  private final LocalBroker broker = LocalBroker.over(new InMemoryStore()).build();
  private final PeerId eel = join("a", "/w/eel", "Anna");
  private final PeerId owl = join("b", "/w/owl-house", null);
  private final PeerId owl2 = join("c", "/w/owl-house", null);

  @AfterEach
  void close() {
    broker.close();
  }

  @Test
  void findsByIdNameAndBeginning() {
    assertThat(found(eel.value())).isEqualTo(eel);
    assertThat(found(" Anna ")).isEqualTo(eel);
    assertThat(found("anna")).isEqualTo(eel);
    assertThat(found("eel-")).isEqualTo(eel);
    assertThat(found("operator")).isEqualTo(PeerId.OPERATOR);
  }

  @Test
  void findsAPeerThatIsAway() {
    broker.summarize(eel, "Mending nets.", Summary.Source.MANUAL);
    broker.unregister(eel);
    assertThat(found("Anna")).isEqualTo(eel);
    PeerId heir = join("d", "/w/other", "Anna");
    assertThat(found("Anna")).isEqualTo(heir);
  }

  @Test
  void namesTheCandidates() {
    assertRefused("owl-", ErrorCode.AMBIGUOUS_PEER, owl.value());
    assertRefused("owl-", ErrorCode.AMBIGUOUS_PEER, owl2.value());
    assertRefused("eell", ErrorCode.UNKNOWN_PEER, "did you mean " + eel + " (Anna)?");
    assertRefused("ann", ErrorCode.UNKNOWN_PEER, "did you mean " + eel);
    assertRefused("xyz", ErrorCode.UNKNOWN_PEER, "there are " + eel);
    assertRefused("", ErrorCode.UNKNOWN_PEER, "there are " + eel);
  }

  private PeerId found(String reference) {
    return PeerLookup.resolve(broker, reference).id();
  }

  private void assertRefused(String reference, ErrorCode code, String text) {
    assertThatThrownBy(() -> found(reference))
        .isInstanceOfSatisfying(PeersException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessageContaining(text);
  }

  private PeerId join(String key, String cwd, String name) {
    return broker
        .register(Registration.builder(new SessionKey(key), Workspace.of(cwd)).name(name).build())
        .id();
  }
}
