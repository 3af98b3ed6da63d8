package dev.peers.transport.http.linkage;

import java.security.CodeSource;
import java.util.Optional;
import java.util.stream.Stream;

/** A library that the client or the server is built on, and the versions of it that will do. */
public enum Library {
  JETTY("org.eclipse.jetty.", "Jetty 12.0.15 or newer; 12.1 too"),
  JACKSON("com.fasterxml.jackson.", "Jackson 2.15 or newer, below 3"),
  OKHTTP("okhttp3.", "OkHttp 4.12 or newer; 5 too"),
  OKIO("okio.", "Okio 3.6 or newer"),
  KOTLIN("kotlin.", "Kotlin's standard library 1.9 or newer");

  private final String prefix;
  private final String needed;

  Library(String prefix, String needed) {
    this.prefix = prefix;
    this.needed = needed;
  }

  /**
   * Finds the library that a class belongs to.
   *
   * @param className a binary name
   * @return the library; empty for the JDK's classes and Peers' own
   */
  public static Optional<Library> of(String className) {
    return Stream.of(values()).filter(one -> className.startsWith(one.prefix)).findFirst();
  }

  /** Which versions will do, for a sentence. */
  String needed() {
    return needed;
  }

  /** The name of the jar that a class is from, which has its version in it. */
  static String jar(Class<?> type) {
    CodeSource source = type.getProtectionDomain().getCodeSource();
    if (source == null || source.getLocation() == null) {
      return "the one here";
    }
    // Of "jar:nested:/app.jar/!BOOT-INF/lib/jetty-http-12.0.36.jar!/" the last name.
    String[] parts = source.getLocation().toString().split("[/!]+");
    return parts[parts.length - 1];
  }
}
