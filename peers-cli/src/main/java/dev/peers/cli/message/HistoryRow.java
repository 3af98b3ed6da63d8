package dev.peers.cli.message;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.peers.HistoryEntry;
import dev.peers.Receipt;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A message of the history as JSON shows it. */
@JsonNaming(SnakeCaseStrategy.class)
public record HistoryRow(
    @JsonUnwrapped MessageRow message,
    String toId,
    String state,
    @Nullable String offeredAt,
    int attempts,
    @Nullable String deliveredAt,
    String expiresAt) {

  public static HistoryRow of(HistoryEntry entry) {
    Receipt receipt = entry.receipt();
    return new HistoryRow(
        MessageRow.of(entry.message()),
        receipt.to().value(),
        receipt.state().name().toLowerCase(Locale.ROOT),
        text(receipt.offeredAt()),
        receipt.attempts(),
        text(receipt.deliveredAt()),
        receipt.expiresAt().toString());
  }

  private static @Nullable String text(@Nullable Instant instant) {
    return instant == null ? null : instant.toString();
  }
}
