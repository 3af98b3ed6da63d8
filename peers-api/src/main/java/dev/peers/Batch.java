package dev.peers;

import java.util.List;

/**
 * Some of a mailbox, oldest first.
 *
 * @param deliveries the messages
 * @param remaining how many more are undelivered beyond these; counted up to 10,000
 * @param store the identity of the database, for positions; empty if unknown
 * @since 0.1
 */
public record Batch(List<Delivery> deliveries, int remaining, String store) {
  /** Nothing at all. */
  public static final Batch EMPTY = new Batch(List.of(), 0);

  /** The number at which counting stops. */
  public static final int MAX_COUNT = 10_000;

  /** Copies the list. */
  public Batch {
    deliveries = Arguments.requiredAll("deliveries", deliveries);
    if (remaining < 0) {
      throw Checks.invalid("remaining " + remaining + " is out of range; expected 0 or more");
    }
    Checks.required("store", store);
  }

  /**
   * A batch of a database that is not named.
   *
   * @param deliveries the messages
   * @param remaining how many more are undelivered beyond these
   */
  public Batch(List<Delivery> deliveries, int remaining) {
    this(deliveries, remaining, "");
  }

  /**
   * The same with a database.
   *
   * @param identity the database's identity
   * @return a batch that differs in this only
   */
  public Batch in(String identity) {
    return new Batch(deliveries, remaining, identity);
  }

  /**
   * The position behind one of the messages.
   *
   * @param delivery one of {@link #deliveries}
   * @return where to go on
   */
  public Position after(Delivery delivery) {
    return new Position(store, Arguments.required("delivery", delivery).message().id().value());
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
