package dev.peers.local;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A line that a relay and its broker exchange for themselves, between the lines of JSON-RPC that
 * are the agent's. Each is a JSON object whose first member names it.
 *
 * @since 0.1
 */
public sealed interface RelayLine {
  /** How a connection of a session begins; what follows is the session's, and is not read here. */
  String HELLO = "{\"peers_hello\":1";

  /**
   * Returns the line, with its end.
   *
   * @return UTF-8
   */
  byte[] bytes();

  /**
   * Asks a broker to make room for a newer one. To the broker, as the first line.
   *
   * @param version the version of the installation that asks; empty if unknown
   */
  record StepDown(String version) implements RelayLine {
    private static final String START = "{\"peers_step_down\":1";

    @Override
    public byte[] bytes() {
      StringBuilder json = new StringBuilder(START);
      Json.member(json, "version", version);
      return encode(json.append("}\n").toString());
    }
  }

  /** Asks a broker to end, where it cannot be asked over HTTP. To the broker, as the first line. */
  record Stop() implements RelayLine {
    private static final String START = "{\"peers_stop\":";

    @Override
    public byte[] bytes() {
      return encode(START + "true}\n");
    }
  }

  /**
   * The number of the call in the next line, the same whenever that line is repeated. To the
   * broker.
   *
   * @param number from 1 on
   */
  record Call(long number) implements RelayLine {
    private static final String START = "{\"peers_call\":";

    @Override
    public byte[] bytes() {
      return encode(START + number + "}\n");
    }
  }

  /**
   * The agent has been given the answer to a request. To the broker.
   *
   * @param id the request's id, as JSON
   */
  record Written(String id) implements RelayLine {
    private static final String START = "{\"peers_written\":";

    @Override
    public byte[] bytes() {
      return encode(START + id + "}\n");
    }
  }

  /** A post to the session's inbox failed. To the broker. */
  record InboxFailed() implements RelayLine {
    private static final String START = "{\"peers_inbox_failed\":";

    @Override
    public byte[] bytes() {
      return encode(START + "true}\n");
    }
  }

  /**
   * The line before this one pushes a message. To the relay.
   *
   * @param store the database that the message is of; empty if the relay does not ask for it
   * @param message the message's id
   */
  record Pushed(String store, long message) implements RelayLine {
    private static final String START = "{\"peers_pushed\":";

    @Override
    public byte[] bytes() {
      return encode(START + position(store, message) + "}\n");
    }
  }

  /**
   * What is to be posted to the session's inbox. To the relay.
   *
   * @param store the database that the message is of; empty if the relay does not ask for it
   * @param message the message's id; 0 for a notice that is no message
   * @param post the line to post, as JSON without an end
   */
  record InboxPost(String store, long message, String post) implements RelayLine {
    private static final String START = "{\"peers_inbox\":";
    private static final String POST = ",\"post\":";

    @Override
    public byte[] bytes() {
      return encode(START + position(store, message) + POST + post + "}\n");
    }
  }

  /** Another process of the same agent has the session now. To the relay. */
  record Superseded() implements RelayLine {
    private static final String START = "{\"peers_superseded\":";

    @Override
    public byte[] bytes() {
      return encode(START + "true}\n");
    }
  }

  /** A line of this kind that a newer version has, or that is malformed. */
  record Unknown() implements RelayLine {
    @Override
    public byte[] bytes() {
      throw new UnsupportedOperationException("it was only read");
    }
  }

  /**
   * Reads a line.
   *
   * @param line UTF-8, with or without its end
   * @return null if the line is not of this kind, such as JSON-RPC or a hello
   */
  static @Nullable RelayLine read(byte[] line) {
    if (!begins(line, "{\"peers_") || begins(line, HELLO)) {
      return null;
    }
    String text = new String(line, StandardCharsets.UTF_8);
    try {
      if (text.startsWith(Call.START)) {
        return new Call(Long.parseLong(value(text, Call.START)));
      }
      if (text.startsWith(Written.START)) {
        return new Written(value(text, Written.START));
      }
      if (text.startsWith(Pushed.START)) {
        return new Pushed(store(text, Pushed.START), message(text, Pushed.START));
      }
      if (text.startsWith(InboxPost.START)) {
        int post = text.indexOf(InboxPost.POST) + InboxPost.POST.length();
        if (post < InboxPost.POST.length()) {
          return new Unknown();
        }
        return new InboxPost(
            store(text, InboxPost.START),
            message(text, InboxPost.START),
            text.substring(post, text.lastIndexOf('}')));
      }
    } catch (IndexOutOfBoundsException | NumberFormatException e) {
      return new Unknown();
    }
    if (text.startsWith(Superseded.START)) {
      return new Superseded();
    }
    if (text.startsWith(InboxFailed.START)) {
      return new InboxFailed();
    }
    if (text.startsWith(Stop.START)) {
      return new Stop();
    }
    return text.startsWith(StepDown.START)
        ? new StepDown(Version.member(text, "version"))
        : new Unknown();
  }

  private static boolean begins(byte[] line, String start) {
    if (line.length < start.length()) {
      return false;
    }
    for (int i = 0; i < start.length(); i++) {
      if (line[i] != start.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private static String value(String text, String start) {
    return text.substring(start.length(), text.lastIndexOf('}'));
  }

  private static String position(String store, long message) {
    if (store.isEmpty()) {
      return Long.toString(message);
    }
    StringBuilder json = new StringBuilder().append(message);
    Json.member(json, "store", store);
    return json.toString();
  }

  private static long message(String text, String start) {
    int end = start.length();
    while (Character.isDigit(text.charAt(end))) {
      end++;
    }
    return Long.parseLong(text, start.length(), end, 10);
  }

  private static String store(String text, String start) {
    int post = text.indexOf(InboxPost.POST, start.length());
    return Version.member(post < 0 ? text : text.substring(0, post), "store");
  }

  private static byte[] encode(String line) {
    return line.getBytes(StandardCharsets.UTF_8);
  }
}
