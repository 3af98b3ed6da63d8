package dev.peers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * Two well-behaved sessions that write to each other, undisturbed first and then in a crowd. That
 * every message arrives is asserted; how long each takes is printed, and compared only with {@code
 * -Dpeers.hostile.strict=true}.
 */
final class Crowd {
  private static final boolean STRICT = Boolean.getBoolean("peers.hostile.strict");
  private static final double STRICT_RATIO = 3;
  private static final int WARM_UP = 120;
  private static final int MESSAGES = 50;
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private final RawSession eel;
  private final RawSession crab;
  private final String eelId;
  private final String crabId;
  private boolean warm;
  private int sent;

  /** What the crowd does until it is over. */
  interface Attack {
    /**
     * Attacks.
     *
     * @param underWay counted down when the attack has reached its strength
     * @param over becomes true when it may end
     */
    void run(CountDownLatch underWay, AtomicBoolean over) throws Exception;
  }

  /** The well-behaved join a world whose limits allow them several messages at once. */
  Crowd(World world) {
    eel = world.join("well-behaved");
    crab = world.join("well-behaved-too");
    eelId = eel.id();
    crabId = crab.id();
  }

  /** Exchanges messages without and with an attack, which must not fail either. */
  void exchangeDuring(String name, Attack attack) throws Exception {
    if (!warm) {
      warm = true;
      exchange(WARM_UP, 0);
    }
    long[] before = exchange(MESSAGES, PAUSE_NANOS);
    CountDownLatch underWay = new CountDownLatch(1);
    AtomicBoolean over = new AtomicBoolean();
    CompletableFuture<Void> attacker =
        CompletableFuture.runAsync(
            () -> {
              try {
                attack.run(underWay, over);
              } catch (Exception e) {
                throw new AssertionError(name + " failed", e);
              } finally {
                underWay.countDown();
              }
            },
            task -> new Thread(task, "test-attack").start());
    long[] during;
    try {
      // While it builds up nothing may be lost either.
      do {
        exchange(2, PAUSE_NANOS);
      } while (underWay.getCount() > 0);
      during = exchange(MESSAGES, PAUSE_NANOS);
    } finally {
      over.set(true);
    }
    attacker.get(60, TimeUnit.SECONDS);
    double ratio = (double) at(during, 50) / at(before, 50);
    System.out.printf(
        Locale.ROOT,
        "hostile: %-28s undisturbed median %6.2f ms, p95 %6.2f ms; attacked median %6.2f ms,"
            + " p95 %6.2f ms; ratio of medians %.2f%n",
        name,
        at(before, 50) / 1e6,
        at(before, 95) / 1e6,
        at(during, 50) / 1e6,
        at(during, 95) / 1e6,
        ratio);
    assertNothingCameTwice();
    if (STRICT) {
      assertThat(ratio).as(name).isLessThanOrEqualTo(STRICT_RATIO);
    }
  }

  /** Nanoseconds from each send to its notification. */
  private long[] exchange(int count, long pause) {
    long[] nanos = new long[count];
    for (int i = 0; i < count; i++) {
      boolean out = sent % 2 == 0;
      String text = "well-behaved message " + sent++ + ".";
      long start = System.nanoTime();
      RawSession sender = out ? eel : crab;
      int id =
          sender.request(
              "tools/call",
              Map.of(
                  "name",
                  "send_message",
                  "arguments",
                  Map.of("targetPeerId", out ? crabId : eelId, "message", text)));
      (out ? crab : eel).awaitPush(text);
      nanos[i] = System.nanoTime() - start;
      // An answer that is still to come might carry what is sent next, which is to be pushed.
      sender.await("the answer", m -> m.path("id").asInt(-1) == id);
      LockSupport.parkNanos(pause);
    }
    return nanos;
  }

  private void assertNothingCameTwice() {
    List<String> texts =
        Stream.of(eel, crab)
            .flatMap(session -> session.pushes().stream())
            .map(push -> push.at("/params/content").asText())
            .filter(text -> text.contains("well-behaved message"))
            .toList();
    assertThat(texts).hasSize(sent).doesNotHaveDuplicates();
  }

  private static long at(long[] nanos, int percent) {
    long[] sorted = nanos.clone();
    Arrays.sort(sorted);
    return sorted[Math.min(sorted.length - 1, sorted.length * percent / 100)];
  }
}
