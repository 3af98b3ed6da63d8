package dev.peers.mcp;

import dev.peers.Peer;
import dev.peers.Registration;
import dev.peers.UntrustedText;
import dev.peers.Workspace;
import dev.peers.client.ControllingTerminal;
import dev.peers.client.GitWorkspace;
import dev.peers.mcp.delivery.SessionReachability;
import dev.peers.mcp.link.Hello;
import io.modelcontextprotocol.spec.McpSchema;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Tells the broker of an agent's session, as it is at the moment of asking. */
final class RegistrationSource implements Supplier<Registration> {
  private final Hello hello;
  private final SessionReachability routes;
  private final @Nullable String agent;
  private final @Nullable String tty;
  private final @Nullable String host;

  /**
   * Looks once at what does not change.
   *
   * @param agent what the client calls itself; null if it did not say
   * @param host what this machine is called, where the broker does not know; else null
   */
  RegistrationSource(
      Hello hello, @Nullable String agent, SessionReachability routes, @Nullable String host) {
    this.host = host;
    this.hello = hello;
    this.routes = routes;
    this.agent = agent;
    this.tty =
        ControllingTerminal.of(hello.parent())
            .or(() -> ControllingTerminal.of(hello.process().pid()))
            .orElse(null);
  }

  @Override
  public Registration get() {
    return Registration.builder(hello.sessionKey(), workspace())
        .name(hello.variable("CLAUDE_PEERS_NAME").map(RegistrationSource::usable).orElse(null))
        .process(hello.process())
        .parent(hello.agent())
        .agent(agent)
        .tty(tty)
        .route(routes.best())
        .build();
  }

  private Workspace workspace() {
    String directory = hello.variable("CLAUDE_PROJECT_DIR").orElse(hello.cwd());
    try {
      return GitWorkspace.at(Path.of(hello.cwd()).resolve(directory)).onHost(host);
    } catch (InvalidPathException e) {
      return Workspace.of("/").onHost(host);
    }
  }

  /** A name that breaks the rules costs its oddities, not the session. */
  private static @Nullable String usable(String name) {
    String cut = UntrustedText.cut(UntrustedText.line(name).strip(), Peer.MAX_NAME_LENGTH);
    return cut.isBlank() ? null : cut;
  }

  /** What a client calls itself as it introduces itself; null if it does not. */
  static @Nullable String clientName(McpSchema.JSONRPCRequest initialize) {
    if (initialize.params() instanceof Map<?, ?> params
        && params.get("clientInfo") instanceof Map<?, ?> info
        && info.get("name") instanceof String name) {
      String line = UntrustedText.line(name).strip();
      return line.isEmpty() ? null : UntrustedText.cut(line, 80);
    }
    return null;
  }
}
