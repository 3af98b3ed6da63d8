package dev.peers.broker;

import java.util.LinkedHashMap;
import java.util.Map;

/** A map that forgets what was not used for longest when it gets large. */
final class LruMap<K, V> extends LinkedHashMap<K, V> {
  private static final long serialVersionUID = 1L;
  private static final int MAX = 10_000;

  LruMap() {
    super(16, 0.75f, true);
  }

  @Override
  protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
    return size() > MAX;
  }
}
