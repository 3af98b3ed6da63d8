package dev.peers.mcp;

import dev.peers.ErrorCode;
import dev.peers.PeersException;
import dev.peers.mcp.link.Hello;
import java.util.List;
import java.util.Locale;

/** The variables of a session's environment that take one of a few words. */
final class SessionSettings {
  private SessionSettings() {}

  /**
   * Refuses a session with a setting that makes no sense, as a broker with one is refused.
   *
   * @throws PeersException with the variable's name, its value and what was expected
   */
  static void check(Hello hello) {
    requireOneOf(hello, "CLAUDE_PEERS_CHANNEL", List.of("on", "off", "auto"));
    requireOneOf(hello, "CLAUDE_PEERS_INBOX", List.of("on", "off"));
    requireOneOf(hello, "CLAUDE_PEERS_STOP_HOOK", List.of("on", "off"));
  }

  /** Whether a setting that is on unless it is switched off is on. */
  static boolean isOn(Hello hello, String variable) {
    return !"off".equals(word(hello, variable, "on"));
  }

  private static void requireOneOf(Hello hello, String variable, List<String> words) {
    String word = word(hello, variable, words.get(0));
    if (!words.contains(word)) {
      throw new PeersException(
          ErrorCode.INVALID_ARGUMENT,
          variable
              + " is '"
              + hello.variable(variable).orElse("")
              + "'; expected one of: "
              + String.join(", ", words)
              + ". Correct it in the environment of the agent, or in the 'env' of its entry for"
              + " claude-peers, and start the session again");
    }
  }

  private static String word(Hello hello, String variable, String otherwise) {
    return hello.variable(variable).orElse(otherwise).strip().toLowerCase(Locale.ROOT);
  }
}
