package dev.peers.cli.trial;

import dev.peers.ErrorCode;
import dev.peers.PeersException;
import dev.peers.daemon.BrokerDaemon;
import dev.peers.daemon.Config;
import dev.peers.local.IoReason;
import dev.peers.local.PrivateFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * A broker for one trial, with files of its own in a temporary directory: nothing of the user's
 * broker, database or history is touched. Closing it stops the broker and removes the files.
 */
public final class PrivateBroker implements AutoCloseable {
  private final Path home;
  private final Map<String, String> environment;
  private final BrokerDaemon daemon;

  private PrivateBroker(Path home, Map<String, String> environment, BrokerDaemon daemon) {
    this.home = home;
    this.environment = environment;
    this.daemon = daemon;
  }

  /**
   * Starts one on any free port.
   *
   * @param user the user's environment; what leads to the user's own broker or session is left out
   */
  public static PrivateBroker start(Map<String, String> user) {
    Path home;
    try {
      home = Files.createTempDirectory("peers-private").toRealPath();
    } catch (IOException e) {
      throw new PeersException(
          ErrorCode.UNAVAILABLE, "no temporary directory can be made: " + IoReason.of(e), e);
    }
    Map<String, String> environment = new HashMap<>(user);
    environment.keySet().removeIf(name -> name.startsWith("CLAUDE"));
    environment.put("CLAUDE_PEERS_DB", home.resolve("peers.db").toString());
    environment.put("CLAUDE_PEERS_CHANNEL", "on");
    environment.put("CLAUDE_PEERS_SUMMARIZER", "off");
    try {
      return new PrivateBroker(
          home, environment, BrokerDaemon.start(Config.of(environment).withPort(0)));
    } catch (RuntimeException e) {
      try {
        PrivateFiles.deleteTree(home);
      } catch (IOException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw e;
    }
  }

  /** The environment that sessions of this broker start with. */
  public Map<String, String> environment() {
    return Map.copyOf(environment);
  }

  public String address() {
    return daemon.address().toString();
  }

  /** A new directory for a session to work in. */
  public Path directory(String name) {
    Path directory = home.resolve(name);
    try {
      return Files.createDirectory(directory);
    } catch (IOException e) {
      throw new PeersException(
          ErrorCode.UNAVAILABLE, "a directory cannot be made: " + IoReason.of(e), e);
    }
  }

  @Override
  public void close() throws IOException {
    try {
      daemon.close();
    } finally {
      PrivateFiles.deleteTree(home);
    }
  }
}
