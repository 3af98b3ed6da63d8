package com.example.journal;

import dev.peers.Batch;
import dev.peers.Delivery;
import dev.peers.ErrorCode;
import dev.peers.HistoryEntry;
import dev.peers.HistoryPage;
import dev.peers.HistoryQuery;
import dev.peers.MessageId;
import dev.peers.PeerId;
import dev.peers.PeersException;
import dev.peers.Receipt;
import dev.peers.ReceiveRequest;
import dev.peers.SessionKey;
import dev.peers.spi.BrokerStore;
import dev.peers.spi.NewMessage;
import dev.peers.spi.StoredPeer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;

/**
 * Keeps everything in memory and each change on a line of a {@link Journal}. The file is written
 * anew by a {@link #purge} that finds more than a thousand lines that are of no use. Thread-safe.
 */
final class JournalStore implements BrokerStore {
  private static final int USELESS_LINES = 1_000;

  private final Object lock = new Object();

  // All guarded by lock.
  private final Contents contents = new Contents();
  private final Journal journal;
  private boolean closed;

  private final String identity;

  JournalStore(Path path) {
    journal = Journal.open(path, contents::apply);
    if (contents.identity() == null) {
      write(new Line("identity").add(UUID.randomUUID()));
    }
    identity = contents.identity();
  }

  @Override
  public String identity() {
    return identity;
  }

  @Override
  public long lastId() {
    return locked(() -> contents.nextId().value() - 1);
  }

  @Override
  public void save(StoredPeer peer) {
    locked(
        () -> {
          write(PeerLine.of(peer));
          return null;
        });
  }

  @Override
  public Optional<StoredPeer> findPeer(PeerId id) {
    return locked(() -> contents.peer(id));
  }

  @Override
  public Optional<StoredPeer> findPeer(SessionKey key) {
    return locked(() -> contents.peer(key));
  }

  @Override
  public List<StoredPeer> peers() {
    return locked(() -> List.copyOf(contents.peers()));
  }

  @Override
  public Receipt append(NewMessage message) {
    return locked(
        () -> {
          if (message.idempotencyKey() != null) {
            var first = contents.letter(message.from().id(), message.idempotencyKey());
            if (first.isPresent()) {
              return first.get().receipt(message.sentAt());
            }
          }
          Letter letter = new Letter(contents.nextId(), message);
          write(letter.toLine());
          return letter.receipt(message.sentAt());
        });
  }

  @Override
  public Batch receive(PeerId mailbox, ReceiveRequest take, Instant now) {
    return locked(
        () -> {
          Selection chosen =
              select(mailbox, take.after().id(), take.limit(), take.maxChars(), take.policy(), now);
          Line offer = new Line("offer").add(now).add(now.plus(take.lease()));
          write(offer, chosen.letters);
          return chosen.toBatch(Letter::attempts);
        });
  }

  @Override
  public Batch peek(PeerId mailbox, long after, int limit, Instant now) {
    return locked(
        () ->
            select(
                    mailbox,
                    after,
                    limit,
                    ReceiveRequest.MAX_CHARS,
                    ReceiveRequest.LeasePolicy.INCLUDE_LEASED,
                    now)
                .toBatch(letter -> 0));
  }

  @Override
  public void acknowledge(PeerId mailbox, Collection<MessageId> messages, Instant now) {
    locked(
        () -> {
          var waiting = contents.mailbox(mailbox);
          List<Letter> own =
              messages.stream()
                  .distinct()
                  .map(id -> waiting.get(id.value()))
                  .filter(Objects::nonNull)
                  .toList();
          return write(new Line("deliver").add(now), own);
        });
  }

  @Override
  public Optional<Receipt> receipt(MessageId id, Instant now) {
    return locked(() -> contents.letter(id).map(letter -> letter.receipt(now)));
  }

  @Override
  public Optional<Receipt> receipt(PeerId sender, String idempotencyKey, Instant now) {
    return locked(() -> contents.letter(sender, idempotencyKey).map(letter -> letter.receipt(now)));
  }

  @Override
  public HistoryPage history(HistoryQuery query, Instant now) {
    return locked(
        () -> {
          List<HistoryEntry> entries = new ArrayList<>();
          int chars = 0;
          for (Letter letter : contents.history(query)) {
            chars += letter.content.text().length();
            if (chars > query.maxChars() && !entries.isEmpty()) {
              Collections.reverse(entries);
              return new HistoryPage(entries, true);
            }
            entries.add(new HistoryEntry(letter.message(), letter.receipt(now)));
          }
          Collections.reverse(entries);
          return new HistoryPage(entries, false);
        });
  }

  @Override
  public int expire(Instant now) {
    return locked(() -> write(new Line("expire"), contents.overdue(now)));
  }

  @Override
  public int purge(Instant sentBefore) {
    return locked(
        () -> {
          int purged = write(new Line("purge"), contents.finished(sentBefore));
          if (journal.lines() > USELESS_LINES + contents.size()) {
            journal.replace(contents.toLines());
          }
          return purged;
        });
  }

  @Override
  public Set<PeerId> deleteInactivePeers(Collection<PeerId> peers, Instant seenBefore) {
    return locked(
        () -> {
          Line line = new Line("forget");
          contents.forgettable(peers, seenBefore).forEach(line::add);
          if (line.hasNext()) {
            write(line);
          }
          return peers.stream()
              .filter(id -> contents.peer(id).isEmpty())
              .collect(Collectors.toSet());
        });
  }

  @Override
  public void close() {
    synchronized (lock) {
      if (!closed) {
        closed = true;
        journal.close();
      }
    }
  }

  private <T> T locked(Supplier<T> work) {
    synchronized (lock) {
      if (closed) {
        throw new PeersException(ErrorCode.CLOSED, "this store was closed");
      }
      return work.get();
    }
  }

  /** First the disk, then the memory: what cannot be written has not happened. */
  private void write(Line line) {
    journal.append(line);
    contents.apply(line);
  }

  /** Writes one line for several letters, or none for none; returns how many. */
  private int write(Line line, List<Letter> letters) {
    if (!letters.isEmpty()) {
      letters.forEach(letter -> line.add(letter.id));
      write(line);
    }
    return letters.size();
  }

  private Selection select(
      PeerId mailbox,
      long after,
      int limit,
      int maxChars,
      ReceiveRequest.LeasePolicy offered,
      Instant now) {
    List<Letter> chosen = new ArrayList<>();
    int alive = 0;
    int chars = 0;
    boolean full = false;
    for (Letter letter : contents.mailbox(mailbox).tailMap(after, false).values()) {
      if (letter.isOverdue(now)) {
        continue;
      }
      alive++;
      if (letter.isLeased(now) && offered != ReceiveRequest.LeasePolicy.INCLUDE_LEASED) {
        full = full || offered == ReceiveRequest.LeasePolicy.STOP_AT_LEASED;
        continue;
      }
      chars += letter.content.text().length();
      full = full || chosen.size() >= limit || (chars > maxChars && !chosen.isEmpty());
      if (!full) {
        chosen.add(letter);
      }
    }
    return new Selection(chosen, Math.min(alive - chosen.size(), Batch.MAX_COUNT));
  }

  /** What is handed out, and how much more could be. */
  private record Selection(List<Letter> letters, int remaining) {
    Batch toBatch(ToIntFunction<Letter> attempt) {
      return new Batch(
          letters.stream()
              .map(letter -> new Delivery(letter.message(), attempt.applyAsInt(letter)))
              .toList(),
          remaining);
    }
  }
}
