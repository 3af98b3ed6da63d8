package dev.peers.mcp.link;

import org.jspecify.annotations.Nullable;

/** The program that a session belongs to, as far as it makes a difference here. */
public enum Client {
  /** Has channels, and sub-agents that share the session's server. */
  CLAUDE_CODE("claude-code"),
  /** Starts a server of its own for each sub-agent. */
  CODEX("codex-mcp-client"),
  /** Has channels. */
  CRUSH("crush"),
  /** Any other. */
  OTHER("");

  private final String name;

  Client(String name) {
    this.name = name;
  }

  /**
   * Recognises a program.
   *
   * @param name what it calls itself in {@code initialize}; null if it did not say
   */
  public static Client named(@Nullable String name) {
    for (Client client : values()) {
      if (client != OTHER && client.name.equalsIgnoreCase(name)) {
        return client;
      }
    }
    return OTHER;
  }
}
