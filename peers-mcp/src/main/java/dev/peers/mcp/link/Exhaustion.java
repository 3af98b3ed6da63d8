package dev.peers.mcp.link;

/** What is done with an error after which a program is in no known state. */
final class Exhaustion {
  private Exhaustion() {}

  /** Hands an exhausted heap, which ended a session, to the program's own handler too. */
  static void report(Throwable e) {
    Thread.UncaughtExceptionHandler handler = Thread.getDefaultUncaughtExceptionHandler();
    if (e instanceof OutOfMemoryError && handler != null) {
      handler.uncaughtException(Thread.currentThread(), e);
    }
  }
}
