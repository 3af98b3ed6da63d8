package dev.peers.mcp.delivery;

import dev.peers.mcp.link.Client;
import dev.peers.mcp.link.Hello;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Whether an agent's session shows channel notifications. A client says the same in {@code
 * initialize} with and without; what tells is how it was started.
 */
public enum ChannelDetection {
  /** Our channel was loaded. */
  ON,
  /** It was not, the user switched pushing off, or the client has no channels. */
  OFF,
  /** The client is Claude Code, and how it was started cannot be read. */
  UNKNOWN;

  private static final List<String> FLAGS =
      List.of("--channels", "--dangerously-load-development-channels");

  /** The server itself, or the plugin that it comes with, whose marketplace may have any name. */
  private static final Pattern OURS =
      Pattern.compile("server:claude-peers|plugin:(claude-)?peers([@:].*)?");

  /** Decides for a session: what the user set, else how the agent was started. */
  public static ChannelDetection of(Hello hello, Client client) {
    String set = hello.variable("CLAUDE_PEERS_CHANNEL").orElse("auto").strip();
    if (set.equalsIgnoreCase("on")) {
      return ON;
    }
    if (set.equalsIgnoreCase("off")) {
      return OFF;
    }
    return switch (client) {
      case CLAUDE_CODE ->
          AgentArguments.of(hello).map(ChannelDetection::fromArguments).orElse(UNKNOWN);
      case CRUSH -> AgentArguments.of(hello).map(ChannelDetection::fromArguments).orElse(OFF);
      case CODEX, OTHER -> OFF;
    };
  }

  /** Looks for a flag that loads channels and names ours among its values. */
  static ChannelDetection fromArguments(List<String> arguments) {
    for (int i = 0; i < arguments.size(); i++) {
      for (String flag : FLAGS) {
        String argument = arguments.get(i);
        if (argument.startsWith(flag + "=") && isOurs(argument.substring(flag.length() + 1))) {
          return ON;
        }
        if (argument.equals(flag)) {
          for (int j = i + 1; j < arguments.size() && !arguments.get(j).startsWith("-"); j++) {
            if (isOurs(arguments.get(j))) {
              return ON;
            }
          }
        }
      }
    }
    return OFF;
  }

  private static boolean isOurs(String values) {
    for (String value : values.split("[,\\s]+")) {
      if (OURS.matcher(value).matches()) {
        return true;
      }
    }
    return false;
  }
}
