package dev.peers;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/**
 * Which build of Peers this is.
 *
 * @since 0.1
 */
public final class BuildInfo {
  private static final String VERSION = read();

  private BuildInfo() {}

  /**
   * The version of this library, as in its Maven coordinates.
   *
   * @return for example {@code 0.1.0}
   */
  public static String version() {
    return VERSION;
  }

  private static String read() {
    // Absent only where the classes were taken out of their jar.
    try (InputStream in = BuildInfo.class.getResourceAsStream("build.properties")) {
      Properties properties = new Properties();
      if (in != null) {
        properties.load(in);
      }
      return properties.getProperty("version", "unknown");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
