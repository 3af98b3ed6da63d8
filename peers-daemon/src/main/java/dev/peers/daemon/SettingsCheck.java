package dev.peers.daemon;

import dev.peers.ErrorCode;
import dev.peers.PeersException;
import dev.peers.local.IoReason;
import dev.peers.spi.Provider;
import dev.peers.spi.ServerProvider;
import dev.peers.spi.StoreProvider;
import dev.peers.spi.TransportProvider;
import java.io.IOException;

/**
 * Refuses the settings that need a look at files or providers. Only a broker would notice them
 * otherwise, and report them to its log.
 */
public final class SettingsCheck {
  private SettingsCheck() {}

  /**
   * Checks.
   *
   * @return the same settings
   * @throws Config.InvalidSetting with the variable's name, its value and what was expected
   */
  public static Config require(Config config) {
    if (config.url() == null && config.store().equals(Config.DEFAULT_STORE)) {
      DatabaseSetting.require(config);
    }
    try (Plugins plugins = Plugins.of(config.plugins())) {
      // Loading the providers takes time, and the defaults are there.
      if (!config.store().equals(Config.DEFAULT_STORE)) {
        plugins.named(StoreProvider.class, "CLAUDE_PEERS_STORE", config.store());
      }
      if (!config.transport().equals(Config.DEFAULT_TRANSPORT)) {
        // A broker serves; one that only connects its sessions to another needs no server.
        Class<? extends Provider> end =
            config.url() == null ? ServerProvider.class : TransportProvider.class;
        plugins.named(end, "CLAUDE_PEERS_TRANSPORT", config.transport());
      }
      SummarizerChain.requireKnown(config, plugins);
    } catch (IOException e) {
      throw new PeersException(
          ErrorCode.PROVIDER_UNAVAILABLE,
          "the jars in CLAUDE_PEERS_WITH cannot be closed: " + IoReason.of(e),
          e);
    }
    return config;
  }
}
