package dev.peers.mcp;

import dev.peers.BuildInfo;
import dev.peers.local.RelayLine;
import dev.peers.local.Version;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Tells by a connection's first line who is talking, and leaves the rest to whom it concerns. */
final class FirstLine implements LineConnection.Handler {
  private static final System.Logger LOG = System.getLogger(FirstLine.class.getName());

  private final LineConnection connection;
  private final Runnable onStepDown;
  private final Supplier<GatewaySession> session;
  private final Supplier<WakeWait> wait;
  private final Supplier<HttpBridge> bridge;
  private LineConnection.@Nullable Handler chosen;

  FirstLine(
      LineConnection connection,
      Runnable onStepDown,
      Supplier<GatewaySession> session,
      Supplier<WakeWait> wait,
      Supplier<HttpBridge> bridge) {
    this.connection = connection;
    this.onStepDown = onStepDown;
    this.session = session;
    this.wait = wait;
    this.bridge = bridge;
  }

  @Override
  public void line(byte[] line) {
    if (chosen == null) {
      if (RelayLine.read(line) instanceof RelayLine.StepDown request) {
        stepDown(request.version());
        return;
      }
      if (HttpBridge.begins(line)) {
        chosen = bridge.get();
      } else {
        chosen = WakeRequest.begins(line) ? wait.get() : session.get();
      }
    }
    chosen.line(line);
  }

  private void stepDown(String newer) {
    if (Version.isNewer(newer, BuildInfo.version())) {
      LOG.log(System.Logger.Level.INFO, "making room for a broker of version {0}", newer);
      onStepDown.run();
    } else {
      connection.close();
    }
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
