package dev.peers.daemon;

import dev.peers.PeersException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;

/**
 * The token of a running broker: what the file says now, so that writing another one into it locks
 * out whoever knows the former. Thread-safe.
 */
final class BrokerToken implements Supplier<String> {
  /** How old an answer may be. */
  private static final long FRESH_NANOS = 200_000_000;

  private static final System.Logger LOG = System.getLogger(BrokerToken.class.getName());

  private final Path file;
  // Both guarded by this.
  private String token;
  private long readAt;

  /** Takes the token that is there, or makes one; called by the broker alone, under its lock. */
  BrokerToken(Path file) {
    this.file = file;
    this.token = TokenFile.readOrMake(file);
    this.readAt = System.nanoTime();
  }

  @Override
  public synchronized String get() {
    if (System.nanoTime() - readAt > FRESH_NANOS) {
      readAt = System.nanoTime();
      try {
        token = TokenFile.read(file).orElse(token);
      } catch (PeersException e) {
        LOG.log(System.Logger.Level.WARNING, "the former token stays: {0}", e.getMessage());
      }
    }
    return token;
  }

  /** Writes the token again if somebody removed its file, and a new one if others may read it. */
  synchronized void restore() {
    try {
      if (!Files.exists(file)) {
        TokenFile.write(file, token);
      } else if (TokenFile.replaceIfExposed(file)) {
        token = TokenFile.read(file).orElse(token);
      }
    } catch (PeersException e) {
      LOG.log(System.Logger.Level.WARNING, e.getMessage());
    }
  }
}
