package dev.peers.broker;

import dev.peers.spi.SharedStore;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which other brokers are there, on a store that is shared. Each holds a lease and renews it; the
 * peers of one that vanishes are away when its lease is over, and nobody else's. Thread-safe.
 */
final class BrokerLeases {
  /** How long a broker that is not heard of counts as there. */
  static final Duration LEASE = Duration.ofSeconds(20);

  private final SharedStore store;
  private volatile Map<String, Instant> until = Map.of();

  BrokerLeases(SharedStore store) {
    this.store = store;
  }

  /** The name of this broker among them. */
  String self() {
    return store.brokerId();
  }

  /** Renews this broker's lease, and learns of the others'. */
  void renew() {
    until = Map.copyOf(store.renewLease(LEASE));
  }

  /** Learns of the others, if this one is not among those that were there. */
  void meet(@Nullable String broker) {
    if (broker != null && !until.containsKey(broker)) {
      renew();
    }
  }

  /** When a broker was last heard of, if it is another one and there; else null. */
  @Nullable Instant heardOf(@Nullable String broker) {
    if (broker == null || broker.equals(self())) {
      return null;
    }
    Instant end = until.get(broker);
    return end == null || !end.isAfter(store.clock().instant()) ? null : end.minus(LEASE);
  }
}
