package dev.peers.cli.message;

import dev.peers.Broker;
import dev.peers.HistoryEntry;
import dev.peers.HistoryPage;
import dev.peers.HistoryQuery;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Reads as much of the history as was asked for, in as many answers as it takes. */
public final class HistoryReader {
  private HistoryReader() {}

  public static HistoryPage read(Broker broker, HistoryQuery query) {
    HistoryPage page = broker.history(query);
    List<HistoryPage> newestFirst = new ArrayList<>(List.of(page));
    int found = page.entries().size();
    while (page.more() && found < query.limit() && !page.entries().isEmpty()) {
      page =
          broker.history(
              query
                  .before(page.entries().get(0).message().id().value())
                  .atMost(query.limit() - found));
      newestFirst.add(page);
      found += page.entries().size();
    }
    Collections.reverse(newestFirst);
    List<HistoryEntry> all = new ArrayList<>();
    newestFirst.forEach(each -> all.addAll(each.entries()));
    return new HistoryPage(all, false, page.store());
  }
}
