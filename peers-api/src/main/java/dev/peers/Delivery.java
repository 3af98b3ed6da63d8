package dev.peers;

/**
 * A message as it was taken.
 *
 * @param message what was taken
 * @param attempt how often it has been offered, this time included; 0 if it was only looked at
 * @since 0.1
 */
public record Delivery(Message message, int attempt) {
  /** Checks that there is a message. */
  public Delivery {
    Checks.required("message", message);
  }

  /**
   * Whether the receiver may have seen it before.
   *
   * @return true from the second offer on
   */
  public boolean redelivered() {
    return attempt > 1;
  }
}
