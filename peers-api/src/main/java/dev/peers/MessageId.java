package dev.peers;

/**
 * What names a message for ever. Ids grow with time: of two messages in one store the later one has
 * the larger id.
 *
 * @param value at least 1
 * @since 0.1
 */
public record MessageId(long value) implements Comparable<MessageId> {
  /** Refuses numbers that no store hands out. */
  public MessageId {
    if (value < 1) {
      throw Checks.invalid("message id " + value + " is out of range; ids start at 1");
    }
  }

  /**
   * Reads an id as people and JSON strings write it.
   *
   * @param text decimal digits
   * @return the id
   * @throws PeersException {@link ErrorCode#INVALID_ARGUMENT} if it is no positive number
   */
  public static MessageId parse(String text) {
    try {
      return new MessageId(Long.parseLong(Arguments.required("message id", text).strip()));
    } catch (NumberFormatException e) {
      throw new PeersException(
          ErrorCode.INVALID_ARGUMENT,
          "message id '" + text + "' is not a number; expected an id such as 42",
          e);
    }
  }

  @Override
  public int compareTo(MessageId other) {
    return Long.compare(value, other.value);
  }

  @Override
  public String toString() {
    return Long.toString(value);
  }
}
