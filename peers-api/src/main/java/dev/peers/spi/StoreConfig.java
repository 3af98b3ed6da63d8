package dev.peers.spi;

import java.nio.file.Path;
import java.util.Map;

/**
 * Where and how to open a store.
 *
 * @param database the path of the broker's database; a store that keeps no file of its own may
 *     ignore it
 * @param options settings of this kind of store; unknown ones are ignored
 * @since 0.1
 */
public record StoreConfig(Path database, Map<String, String> options) {
  /** Copies the options. */
  public StoreConfig {
    options = Map.copyOf(options);
  }

  /**
   * A store at a path, with nothing else set.
   *
   * @param database the path
   * @return the configuration
   */
  public static StoreConfig at(Path database) {
    return new StoreConfig(database, Map.of());
  }
}
