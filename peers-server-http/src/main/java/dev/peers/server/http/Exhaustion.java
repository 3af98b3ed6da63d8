package dev.peers.server.http;

/** What is done with an error after which a program is in no known state. */
final class Exhaustion {
  private Exhaustion() {}

  /** Hands an exhausted heap, which whoever asked was told of, to the program's own handler too. */
  static void report(Throwable e) {
    Thread.UncaughtExceptionHandler handler = Thread.getDefaultUncaughtExceptionHandler();
    if (e instanceof OutOfMemoryError && handler != null) {
      handler.uncaughtException(Thread.currentThread(), e);
    }
  }
}
