package dev.peers.daemon;

import java.util.function.BooleanSupplier;

/** Ends what nobody uses: looks now and then, and acts when there was nothing to do for a while. */
final class IdleShutdown implements Runnable {
  /** How many looks in a row must find nothing. */
  private static final int LOOKS = 12;

  private final BooleanSupplier idle;
  private final Runnable end;
  // One look at a time.
  private int found;

  IdleShutdown(BooleanSupplier idle, Runnable end) {
    this.idle = idle;
    this.end = end;
  }

  @Override
  public void run() {
    found = idle.getAsBoolean() ? found + 1 : 0;
    if (found == LOOKS) {
      end.run();
    }
  }
}
