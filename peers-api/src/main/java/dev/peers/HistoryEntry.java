package dev.peers;

/**
 * A message of the history, and what became of it.
 *
 * @param message the message
 * @param receipt its receipt at the time of reading
 * @since 0.1
 */
public record HistoryEntry(Message message, Receipt receipt) {
  /** Checks that both are there. */
  public HistoryEntry {
    Checks.required("message", message);
    Checks.required("receipt", receipt);
  }
}
