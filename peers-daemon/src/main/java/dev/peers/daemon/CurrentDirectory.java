package dev.peers.daemon;

import dev.peers.ErrorCode;
import dev.peers.PeersException;
import java.nio.file.Path;

/**
 * The directory that a command was started in. A JVM cannot start in one that was removed, so the
 * launcher then starts it in the root directory, and says so in a property.
 */
public final class CurrentDirectory {
  private static final String REMOVED = "peers.removed.directory";

  private CurrentDirectory() {}

  /** Its path, for what only looks there: nothing is found in one that was removed. */
  public static Path path() {
    String removed = System.getProperty(REMOVED);
    return removed == null ? Path.of("").toAbsolutePath() : Path.of(removed);
  }

  /**
   * The directory, for what is to be done in it.
   *
   * @throws PeersException if it was removed
   */
  public static Path require() {
    if (System.getProperty(REMOVED) != null) {
      throw new PeersException(
          ErrorCode.INVALID_ARGUMENT,
          "the current directory was removed, and this command needs one; change to a directory that"
              + " exists, and try again");
    }
    return path();
  }

  /**
   * An absolute path.
   *
   * @param path one that may be relative to the directory
   * @throws PeersException if it is, and the directory was removed
   */
  public static Path resolve(Path path) {
    return path.isAbsolute() ? path : require().resolve(path);
  }
}
