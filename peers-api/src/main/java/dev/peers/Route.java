package dev.peers;

import java.util.Locale;

/**
 * A way by which mail reaches an agent, best first.
 *
 * @since 0.1
 */
public enum Route {
  /** Pushed as it arrives, as a channel notification. */
  CHANNEL,
  /** Posted as it arrives to the inbox that the agent's program offers. */
  INBOX,
  /** Handed over by the agent's own hooks, while it works. */
  HOOK,
  /** Added to the results of the tools that the agent calls. */
  PIGGYBACK,
  /** Read when somebody asks for it, and not before. */
  PULL;

  /**
   * The name as it is written on the wire and shown to people.
   *
   * @return in lower case, such as {@code channel}
   */
  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The route of a name.
   *
   * @param name as {@link #wireName()} gives it
   * @return the route
   * @throws PeersException {@link ErrorCode#INVALID_ARGUMENT} if there is no such route
   */
  public static Route named(String name) {
    Arguments.required("route", name);
    for (Route route : values()) {
      if (route.wireName().equals(name)) {
        return route;
      }
    }
    throw Checks.invalid(
        "route '" + name + "' is unknown; expected channel, inbox, hook, piggyback or pull");
  }
}
