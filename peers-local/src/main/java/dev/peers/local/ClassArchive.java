package dev.peers.local;

import java.nio.file.Path;

/**
 * What a JVM reads to have its classes at once: an AOT cache (JEP 514) where the JDK knows it, else
 * a class-data archive. A JVM 17 passes over one that does not fit its jar; a JVM 25 looks at
 * neither the time nor the content of a jar.
 *
 * @since 0.1
 */
public enum ClassArchive {
  /** The relay's, which the launcher names. */
  RELAY("relay"),

  /** The broker's. */
  BROKER("broker"),

  /** That of the commands, which the launcher names. */
  COMMAND("command");

  private static final boolean AOT = Runtime.version().feature() >= 25;

  private final String name;

  ClassArchive(String name) {
    this.name = name;
  }

  /**
   * The file's name.
   *
   * @return such as {@code relay.jsa}
   */
  public String file() {
    return name + (AOT ? ".aot" : ".jsa");
  }

  /**
   * Has a JVM use the archive.
   *
   * @param directory where it lies
   * @return an option of the JVM's
   */
  public String use(Path directory) {
    return (AOT ? "-XX:AOTCache=" : "-XX:SharedArchiveFile=") + directory.resolve(file());
  }

  /**
   * Has a JVM write the archive as it exits, which takes seconds.
   *
   * @param directory where to
   * @return an option of the JVM's
   */
  public String write(Path directory) {
    return (AOT ? "-XX:AOTCacheOutput=" : "-XX:ArchiveClassesAtExit=") + directory.resolve(file());
  }
}
