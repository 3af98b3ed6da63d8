package dev.peers.spi;

import dev.peers.Arguments;
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
  /** Copies the options, and refuses null. */
  public StoreConfig {
    Arguments.required("database", database);
    Arguments.requiredAll("options", Arguments.required("options", options).keySet());
    Arguments.requiredAll("options", options.values());
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
