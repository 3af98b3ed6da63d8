package dev.peers.mcp;

import dev.peers.BuildInfo;
import dev.peers.local.RelayLine;
import dev.peers.local.Version;
import dev.peers.mcp.link.HttpBridge;
import dev.peers.mcp.link.LineConnection;
import dev.peers.mcp.wake.WaitingHook;
import dev.peers.mcp.wake.WakeRequest;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Tells by a connection's first line who is talking, and leaves the rest to whom it concerns. */
final class ConnectionDispatcher implements LineConnection.Handler {
  private static final System.Logger LOG = System.getLogger(ConnectionDispatcher.class.getName());

  private final LineConnection connection;
  private final Runnable onStepDown;
  private final Supplier<GatewaySession> session;
  private final Supplier<WaitingHook> wait;
  private final Supplier<HttpBridge> bridge;
  private LineConnection.@Nullable Handler chosen;

  ConnectionDispatcher(
      LineConnection connection,
      Runnable onStepDown,
      Supplier<GatewaySession> session,
      Supplier<WaitingHook> wait,
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
      RelayLine request = RelayLine.read(line);
      if (request instanceof RelayLine.StepDown newer) {
        stepDown(newer.version());
        return;
      }
      if (request instanceof RelayLine.Stop) {
        LOG.log(System.Logger.Level.INFO, "stopping, as a program of this user asks");
        onStepDown.run();
        return;
      }
      if (WakeRequest.begins(line)) {
        chosen = wait.get();
      } else {
        chosen = HttpBridge.begins(line) ? bridge.get() : session.get();
      }
    }
    chosen.line(line);
  }

  @Override
  public boolean takesBytes(byte[] firstLine) {
    return HttpBridge.begins(firstLine) && !WakeRequest.begins(firstLine);
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
