package dev.peers;

/**
 * A place in the sequence of a store's messages: behind the one with an id. Ids of two databases
 * have nothing to do with each other, so a position says of which one it is. A broker takes a
 * position of another database than its own, and one beyond the largest id that it has given, for
 * {@link #START}: whoever remembers it has seen nothing of this database.
 *
 * @param store the identity of the database; empty if unknown, as in what older versions wrote:
 *     then it is taken for the broker's own
 * @param id the largest id that is not meant; 0 for none
 * @since 0.1
 */
public record Position(String store, long id) {
  /** Before the first message of any database. */
  public static final Position START = new Position("", 0);

  private static final int MAX_STORE = 64;

  /** Checks the parts. */
  public Position {
    Checks.required("store", store);
    if (store.length() > MAX_STORE || !store.chars().allMatch(Position::isPlain)) {
      throw Checks.invalid(
          "the store of position '"
              + store
              + "' is malformed; expected at most "
              + MAX_STORE
              + " letters, digits and hyphens");
    }
    if (id < 0) {
      throw Checks.invalid("after " + id + " is out of range; expected a message id or 0");
    }
  }

  /**
   * A position of which it is not known in which database it is.
   *
   * @param id the largest id that is not meant; 0 for none
   * @return the position
   */
  public static Position of(long id) {
    return id == 0 ? START : new Position("", id);
  }

  /**
   * Reads a position as {@link #toString} writes it, or a message's number alone.
   *
   * @param text such as {@code 7c01ab55e3f0:42} or {@code 42}
   * @return the position
   * @throws PeersException {@link ErrorCode#INVALID_ARGUMENT} if it is none
   */
  public static Position parse(String text) {
    String stripped = Arguments.required("text", text).strip();
    int colon = stripped.indexOf(':');
    try {
      return new Position(
          stripped.substring(0, Math.max(colon, 0)), Long.parseLong(stripped.substring(colon + 1)));
    } catch (NumberFormatException e) {
      throw new PeersException(
          ErrorCode.INVALID_ARGUMENT,
          "position '"
              + text
              + "' is malformed; expected a message's number, or the position of an earlier answer",
          e);
    }
  }

  private static boolean isPlain(int c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  }

  /** The store, a colon and the id; the id alone where the store is unknown. */
  @Override
  public String toString() {
    return store.isEmpty() ? Long.toString(id) : store + ":" + id;
  }
}
