package dev.peers.mcp;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Tells by a connection's first line who is talking, and leaves the rest to whom it concerns. */
final class FirstLine implements LineConnection.Handler {
  private final Supplier<GatewaySession> session;
  private final Supplier<WakeWait> wait;
  private LineConnection.@Nullable Handler chosen;

  FirstLine(Supplier<GatewaySession> session, Supplier<WakeWait> wait) {
    this.session = session;
    this.wait = wait;
  }

  @Override
  public void line(byte[] line) {
    if (chosen == null) {
      chosen = WakeRequest.begins(line) ? wait.get() : session.get();
    }
    chosen.line(line);
  }

  @Override
  public void lineTooLong() {
    if (chosen == null) {
      chosen = session.get();
    }
    chosen.lineTooLong();
  }

  @Override
  public void end() {
    if (chosen != null) {
      chosen.end();
    }
  }
}
