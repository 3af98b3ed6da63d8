package dev.peers.mcp.tool;

import dev.peers.Summary;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How much a summary is worth: when it was written, and by whom. */
final class SummaryFacts {
  private SummaryFacts() {}

  static void describe(Map<String, Object> properties) {
    properties.put(
        "summaryUpdatedAt",
        Schema.nullable(Schema.string("when the summary was written, ISO-8601 UTC")));
    properties.put(
        "summarySource",
        Schema.nullable(
            Schema.string(
                "who wrote the summary: manual (the session itself) or automatic (from what git"
                    + " tells)")));
  }

  static void put(Map<String, Object> row, @Nullable Summary summary) {
    row.put("summaryUpdatedAt", summary == null ? null : summary.updatedAt().toString());
    row.put(
        "summarySource", summary == null ? null : summary.source().name().toLowerCase(Locale.ROOT));
  }
}
