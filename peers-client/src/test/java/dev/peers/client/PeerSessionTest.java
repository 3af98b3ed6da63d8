package dev.peers.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peers.PeerId;
import dev.peers.PeerQuery;
import dev.peers.Registration;
import dev.peers.Scope;
import dev.peers.SessionKey;
import dev.peers.Workspace;
import dev.peers.broker.InMemoryStore;
import dev.peers.broker.LocalBroker;
import dev.peers.tck.ManualClock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PeerSessionTest {
  private final ManualClock clock = new ManualClock();
  private final LocalBroker broker =
      LocalBroker.over(new InMemoryStore()).clock(clock, clock::nanoTime).build();
  private final List<Runnable> beats = new ArrayList<>();
  private final AtomicReference<String> branch = new AtomicReference<>("main");

  /** Hands the heartbeat to the test instead of to time. */
  private final ScheduledThreadPoolExecutor timer =
      new ScheduledThreadPoolExecutor(1) {
        @Override
        public ScheduledFuture<?> scheduleWithFixedDelay(
            Runnable task, long first, long delay, TimeUnit unit) {
          beats.add(task);
          return super.scheduleWithFixedDelay(() -> {}, 1, 1, TimeUnit.DAYS);
        }
      };

  @AfterEach
  void close() {
    broker.close();
    timer.shutdownNow();
  }

  @Test
  void staysByItsHeartbeatsAndLeavesAtOnce() {
    PeerSession session = join();
    for (int i = 0; i < 10; i++) {
      clock.advance(PeerSession.HEARTBEAT);
      beats.get(0).run();
    }
    assertThat(active()).containsExactly(session.id());
    session.close();
    session.close();
    beats.get(0).run();
    assertThat(active()).isEmpty();
  }

  @Test
  void tellsTheBrokerOfAnotherBranch() {
    try (PeerSession session = join()) {
      branch.set("feature");
      beats.get(0).run();
      assertThat(broker.find(session.id()).orElseThrow().workspace().gitBranch())
          .isEqualTo("feature");
    }
  }

  private PeerSession join() {
    return PeerSession.join(
        broker,
        () ->
            Registration.builder(new SessionKey("k"), new Workspace("/w", "/w", null, branch.get()))
                .build(),
        timer);
  }

  private List<PeerId> active() {
    return broker.list(PeerQuery.active(Scope.machine())).stream().map(p -> p.id()).toList();
  }
}
