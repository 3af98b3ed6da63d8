package dev.peers;

import java.util.List;

/**
 * Some of a mailbox, oldest first.
 *
 * @param deliveries the messages
 * @param remaining how many more are undelivered beyond these; counted up to 10,000
 * @since 0.1
 */
public record Batch(List<Delivery> deliveries, int remaining) {
  /** Nothing at all. */
  public static final Batch EMPTY = new Batch(List.of(), 0);

  /** The number at which counting stops. */
  public static final int MAX_COUNT = 10_000;

  /** Copies the list. */
  public Batch {
    deliveries = Arguments.requiredAll("deliveries", deliveries);
    if (remaining < 0) {
      throw Text.invalid("remaining " + remaining + " is out of range; expected 0 or more");
    }
  }

  /**
   * The messages alone.
   *
   * @return oldest first
   */
  public List<Message> messages() {
    return deliveries.stream().map(Delivery::message).toList();
  }

  /**
   * The ids alone, as {@link Broker#acknowledge} wants them.
   *
   * @return in ascending order
   */
  public List<MessageId> ids() {
    return deliveries.stream().map(d -> d.message().id()).toList();
  }

  /**
   * Whether there is nothing in it.
   *
   * @return true if no message was taken
   */
  public boolean isEmpty() {
    return deliveries.isEmpty();
  }
}
