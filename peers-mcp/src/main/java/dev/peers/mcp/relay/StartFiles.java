package dev.peers.mcp.relay;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Files that make a start faster where they are there, and are never needed: archives of classes
 * for one JDK, and SQLite's library unpacked. They lie in the installation, made with it, or in the
 * user's cache. The JVM itself passes over an archive that does not fit its jar.
 *
 * @since 0.1
 */
public final class StartFiles {
  private StartFiles() {}

  /**
   * Where the build puts them.
   *
   * @param lib the installation's directory of that name
   * @return the directory for the JDK that runs this, which may not exist
   */
  public static Path beside(Path lib) {
    return lib.resolve("start").resolve(jdk());
  }

  /**
   * Where they are made when those of the build do not fit.
   *
   * @param environment environment variables
   * @param version the installed version
   * @return the directory for the JDK that runs this, which may not exist; null without a home
   */
  public static @Nullable Path cache(Map<String, String> environment, String version) {
    String cache = environment.get("XDG_CACHE_HOME");
    String home = environment.get("HOME");
    Path base;
    if (cache != null && !cache.isBlank()) {
      base = Path.of(cache);
    } else if (home != null && !home.isBlank()) {
      base = Path.of(home, ".cache");
    } else {
      return null;
    }
    return base.resolve("claude-peers").resolve(version).resolve(jdk());
  }

  /**
   * The name of SQLite's library on this system.
   *
   * @return such as {@code libsqlitejdbc.so}
   */
  public static String sqliteLibrary() {
    return System.mapLibraryName("sqlitejdbc");
  }

  /**
   * The directory that has a file: the cache, which is the fresher one, or that beside the jars.
   */
  static @Nullable Path with(String name, Path lib, Map<String, String> environment) {
    Path cache = cache(environment, Version.own());
    if (cache != null && Files.exists(cache.resolve(name))) {
      return cache;
    }
    Path beside = beside(lib);
    return Files.exists(beside.resolve(name)) ? beside : null;
  }

  private static String jdk() {
    return System.getProperty("java.runtime.version");
  }
}
