package dev.peers.server.http;

/** What is done with an error after which a program is in no known state. */
final class Exhaustion {
  private Exhaustion() {}

  /** Reports an exhausted heap to the program's own handler too, after the caller was told. */
  static void report(Throwable e) {
    Thread.UncaughtExceptionHandler handler = Thread.getDefaultUncaughtExceptionHandler();
    if (e instanceof OutOfMemoryError && handler != null) {
      handler.uncaughtException(Thread.currentThread(), e);
    }
  }
}
