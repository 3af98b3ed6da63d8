package dev.peers.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ServerClockTest {
  private static final Instant T = Instant.parse("2026-03-04T05:06:07.089Z");

  private final ServerClock clock = new ServerClock();

  @Test
  void assumesThatTheServerLookedInTheMiddleOfTheRoundTrip() {
    sample(ms(100), ms(300), T);
    assertThat(clock.at(ms(200))).isEqualTo(T);
    assertThat(clock.at(ms(1_200))).isEqualTo(T.plusSeconds(1));
  }

  @Test
  void goesByTheQuickestSample() {
    sample(ms(0), ms(2), T.plusMillis(1));
    sample(ms(1_000), ms(1_200), T.plusMillis(1_020));
    assertThat(clock.at(ms(2_000))).isEqualTo(T.plusMillis(2_000));
  }

  @Test
  void forgetsWhatTheServerSaidBeforeItsClockWasSet() {
    sample(ms(0), ms(2), T.plusMillis(1));
    sample(ms(1_000), ms(1_200), T.plus(Duration.ofHours(1)).plusMillis(1_100));
    assertThat(clock.at(ms(1_200))).isEqualTo(T.plus(Duration.ofHours(1)).plusMillis(1_200));
  }

  @Test
  void showsWholeMilliseconds() {
    clock.add(0, 0, 1_999);
    assertThat(clock.at(0)).isEqualTo(Instant.ofEpochMilli(1));
  }

  private void sample(long sent, long received, Instant server) {
    clock.add(sent, received, server.toEpochMilli() * 1_000);
  }

  private static long ms(long millis) {
    return millis * 1_000_000;
  }
}
