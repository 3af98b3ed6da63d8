package dev.peers.broker;

import dev.peers.ErrorCode;
import dev.peers.PeerId;
import dev.peers.PeersException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/** A guard against loops: a bucket of tokens for each sender, half a minute's worth deep. */
final class RateLimiter {
  private static final int MAX_SENDERS = 10_000;
  private static final double MINUTE_NANOS = Duration.ofMinutes(1).toNanos();

  private final Object lock = new Object();
  private final int perMinute;
  private final LongSupplier ticker;

  // Guarded by lock. A bucket that was dropped comes back full, which errs on the sender's side.
  private final Map<PeerId, Bucket> buckets =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<PeerId, Bucket> eldest) {
          return size() > MAX_SENDERS;
        }
      };

  RateLimiter(int perMinute, LongSupplier ticker) {
    this.perMinute = perMinute;
    this.ticker = ticker;
  }

  /** Takes one token, or says when there will be one. */
  void acquire(PeerId sender) {
    if (perMinute == 0) {
      return;
    }
    double waitNanos;
    synchronized (lock) {
      long now = ticker.getAsLong();
      double capacity = Math.max(1, perMinute / 2.0);
      Bucket bucket = buckets.computeIfAbsent(sender, s -> new Bucket(capacity, now));
      double refill = (now - bucket.nanos) / MINUTE_NANOS * perMinute;
      bucket.tokens = Math.min(capacity, bucket.tokens + refill);
      bucket.nanos = now;
      if (bucket.tokens >= 1) {
        bucket.tokens--;
        return;
      }
      waitNanos = (1 - bucket.tokens) / perMinute * MINUTE_NANOS;
    }
    throw new PeersException(
        ErrorCode.RATE_LIMITED,
        "peer '"
            + sender
            + "' sends more than "
            + perMinute
            + " messages a minute; this guards against agents that answer each other for ever."
            + " Try again in "
            + Math.max(1, Math.round(waitNanos / 1e9))
            + " s, and send less");
  }

  private static final class Bucket {
    double tokens;
    long nanos;

    Bucket(double tokens, long nanos) {
      this.tokens = tokens;
      this.nanos = nanos;
    }
  }
}
