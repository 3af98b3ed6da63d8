package dev.peers.mcp;

import java.util.List;

/**
 * Whether an agent's session shows channel notifications. A client says the same in {@code
 * initialize} with and without; what tells is how it was started.
 */
enum ChannelSetting {
  /** Our channel was loaded. */
  ON,
  /** It was not, or the user switched pushing off. */
  OFF,
  /** It cannot be told. */
  UNKNOWN;

  private static final List<String> FLAGS =
      List.of("--channels", "--dangerously-load-development-channels");

  /** Decides for a session: what the user set, else how the agent was started. */
  static ChannelSetting of(Hello hello) {
    String set = hello.variable("CLAUDE_PEERS_CHANNEL").orElse("auto").strip();
    if (set.equalsIgnoreCase("on")) {
      return ON;
    }
    if (set.equalsIgnoreCase("off")) {
      return OFF;
    }
    return ProcessHandle.of(hello.parent())
        .flatMap(parent -> parent.info().arguments())
        .map(arguments -> fromArguments(List.of(arguments)))
        .orElse(UNKNOWN);
  }

  /** Looks for a flag that loads channels and names ours among its values. */
  static ChannelSetting fromArguments(List<String> arguments) {
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
    return UNKNOWN;
  }

  private static boolean isOurs(String values) {
    for (String value : values.split("[,\\s]+")) {
      if (value.equals("server:claude-peers") || value.startsWith("plugin:claude-peers")) {
        return true;
      }
    }
    return false;
  }
}
