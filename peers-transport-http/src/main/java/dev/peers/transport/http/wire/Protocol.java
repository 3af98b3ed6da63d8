package dev.peers.transport.http.wire;

/** The names and times of {@code docs/protocol.md} that the client and the server share. */
public final class Protocol {
  /** The header with the key that {@code /register} returned for the peer that a client acts as. */
  public static final String KEY_HEADER = "Peers-Key";

  /** The header with the id of the last event that a listener has seen. */
  public static final String LAST_EVENT_HEADER = "Last-Event-ID";

  /**
   * How often the server writes to a stream of events, be it a comment. A client takes a silence of
   * several times that for a broken connection.
   */
  public static final int PING_SECONDS = 15;

  /** What a broker answers to {@code GET /health} as its {@code service}. */
  public static final String SERVICE = "claude-peers";

  private Protocol() {}

  /** Whether an answer to {@code GET /health} says that a broker gave it, which proves nothing. */
  public static boolean isBroker(JsonFields health) {
    return SERVICE.equals(health.textOrNull("service"));
  }
}
