package dev.peers.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peers.Batch;
import dev.peers.ErrorCode;
import dev.peers.PeerId;
import dev.peers.PeersException;
import dev.peers.spi.BrokerStore;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class MailboxLimitTest {
  private static final PeerId OWL = new PeerId("owl-m2d8");
  private static final PeerId EEL = new PeerId("eel-k3f9");

  private int unread;
  private int counts;
  private Runnable duringCount = () -> {};

  private final BrokerStore store =
      (BrokerStore)
          Proxy.newProxyInstance(
              getClass().getClassLoader(),
              new Class<?>[] {BrokerStore.class},
              (proxy, method, arguments) -> {
                assertThat(method.getName()).isEqualTo("peek");
                counts++;
                duringCount.run();
                return new Batch(List.of(), unread);
              });
  private final MailboxLimit limit = new MailboxLimit(store, 100);

  @Test
  void countsAgainOnlyWhenAMailboxMayBeFull() {
    unread = 40;
    for (int i = 0; i < 60; i++) {
      admit(OWL);
    }
    assertThat(counts).isEqualTo(1);

    // Meanwhile most of it was read.
    unread = 10;
    for (int i = 0; i < 90; i++) {
      admit(OWL);
    }
    assertThat(counts).isEqualTo(2);
  }

  @Test
  void countsAgainAfterOthersWereLetInDuringACount() {
    unread = 97;
    duringCount =
        () -> {
          duringCount = () -> {};
          admit(OWL);
        };
    admit(OWL);
    assertThat(counts).isEqualTo(2);

    // Two are let in that no count has seen; a third fits, and then it may be full.
    admit(OWL);
    assertThat(counts).isEqualTo(2);
    admit(OWL);
    assertThat(counts).isEqualTo(3);
  }

  @Test
  void refusesWhatIsTooMuchUntilThereIsRoom() {
    unread = 99;
    admit(OWL);
    unread = 100;
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> admit(OWL))
          .isInstanceOfSatisfying(
              PeersException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.MAILBOX_FULL))
          .hasMessageContaining("has 100 unread messages");
    }
    unread = 0;
    admit(EEL);
    admit(OWL);
  }

  private void admit(PeerId mailbox) {
    limit.admit(mailbox, Instant.EPOCH);
  }
}
