package dev.peers.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Files that make a start faster where they are there, and are never needed: archives of classes
 * for one JDK, and SQLite's library unpacked. They lie in the installation or in the user's cache,
 * each under the name of its build: a JVM 25 runs what is in a cache, whatever is in the jar. Those
 * in an installation lie under its path, too: processes have them mapped, so a copy of another
 * installation over it must not write into them.
 *
 * @since 0.1
 */
public final class StartupCache {
  private StartupCache() {}

  /**
   * Where an installation has them, of whatever place.
   *
   * @param program the build that they are for
   * @return a directory, which may not exist
   */
  public static Path all(ProgramFiles program) {
    return program.directory().resolve("start");
  }

  /**
   * Where an installation has those that were made for the place where it is.
   *
   * @param program the build that they are for
   * @return the directory for the JDK that runs this, which may not exist
   */
  public static Path beside(ProgramFiles program) {
    Path place = ProgramFiles.real(program.directory());
    return all(program).resolve(place.getRoot().relativize(place)).resolve(jdk());
  }

  /**
   * Where they are made when those of the build do not fit.
   *
   * @param environment environment variables
   * @param program the build that they are for
   * @return the directory for the JDK that runs this, which may not exist; null without a home
   */
  public static @Nullable Path cache(Map<String, String> environment, ProgramFiles program) {
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
    return base.resolve("claude-peers").resolve(program.name()).resolve(jdk());
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
   * One that is older than the jar was made for another.
   */
  static @Nullable Path with(String name, ProgramFiles program, Map<String, String> environment) {
    Path cache = cache(environment, program);
    if (cache != null && fits(cache.resolve(name), program)) {
      return cache;
    }
    Path beside = beside(program);
    return fits(beside.resolve(name), program) ? beside : null;
  }

  private static boolean fits(Path file, ProgramFiles program) {
    try {
      return Files.isRegularFile(file)
          && Files.getLastModifiedTime(file).compareTo(Files.getLastModifiedTime(program.jar()))
              >= 0;
    } catch (IOException e) {
      return false;
    }
  }

  private static String jdk() {
    return System.getProperty("java.runtime.version");
  }
}
