package dev.peers.broker;

import java.time.Duration;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Buckets of tokens, half a minute's worth deep, one for each key; a bucket that was dropped to
 * save memory comes back full, which errs on the sender's side. Guarded by its owner.
 */
final class RateLimiter<K> {
  private static final double MINUTE_NANOS = Duration.ofMinutes(1).toNanos();

  private final int perMinute;
  private final LongSupplier ticker;
  private final Map<K, Bucket> buckets = new LruMap<>();

  /**
   * Makes a limiter.
   *
   * @param perMinute tokens a minute; 0 for no limit
   */
  RateLimiter(int perMinute, LongSupplier ticker) {
    this.perMinute = perMinute;
    this.ticker = ticker;
  }

  int perMinute() {
    return perMinute;
  }

  /** How long until there is a token: zero if there is one. */
  Duration untilReady(K key) {
    if (perMinute == 0) {
      return Duration.ZERO;
    }
    double missing = 1 - refilled(key).tokens;
    return missing <= 0
        ? Duration.ZERO
        : Duration.ofNanos((long) Math.ceil(missing / perMinute * MINUTE_NANOS));
  }

  /** Takes a token that is there. */
  void spend(K key) {
    if (perMinute != 0) {
      refilled(key).tokens--;
    }
  }

  private Bucket refilled(K key) {
    long now = ticker.getAsLong();
    double capacity = Math.max(1, perMinute / 2.0);
    Bucket bucket = buckets.computeIfAbsent(key, k -> new Bucket(capacity, now));
    double refill = (now - bucket.nanos) / MINUTE_NANOS * perMinute;
    bucket.tokens = Math.min(capacity, bucket.tokens + refill);
    bucket.nanos = now;
    return bucket;
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
