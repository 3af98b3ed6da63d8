package dev.peers.client;

import dev.peers.Batch;
import dev.peers.ErrorCode;
import dev.peers.Message;
import dev.peers.MessageId;
import dev.peers.OutgoingMessage;
import dev.peers.PeerId;
import dev.peers.PeersException;
import dev.peers.ReceiveRequest;
import dev.peers.Subscription;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One session's mail, shared by all who wait for some of it: those who asked get the answers, the
 * others the rest. Thread-safe; who waits blocks a thread, which may be a virtual one.
 */
final class SessionMailbox {
  private static final System.Logger LOG = System.getLogger(SessionMailbox.class.getName());

  /** How long a listener that failed, or is at work, has before its message comes again. */
  static final Duration LEASE = Duration.ofMinutes(1);

  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  private final SessionLink link;
  private final Supplier<PeerId> self;

  // Locks, not monitors: a virtual thread that waits for one gives its carrier away.
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  // Held while somebody looks into the mailbox, or sends a question: an answer must not be given to
  // others before it is known who asked.
  private final ReentrantLock look = new ReentrantLock();

  // All guarded by lock.
  private final Map<MessageId, Question> questions = new HashMap<>();
  private final Set<Listening> listeners = new HashSet<>();
  private boolean waits;
  private long wakeUps;

  private static final class Question {
    volatile @Nullable Message answer;

    boolean isOpen() {
      return answer == null;
    }
  }

  private static final class Listening {
    final Runnable wakeUp;
    // Guarded by lock.
    Subscription subscription;

    Listening(Runnable wakeUp, Subscription subscription) {
      this.wakeUp = wakeUp;
      this.subscription = subscription;
    }
  }

  SessionMailbox(SessionLink link, Supplier<PeerId> self) {
    this.link = link;
    this.self = self;
  }

  /** Sends a question and waits for the first answer to it. */
  Optional<Message> ask(OutgoingMessage draft, Deadline end) throws InterruptedException {
    beWoken();
    Question question = new Question();
    MessageId id;
    look.lockInterruptibly();
    try {
      id = link.call(broker -> broker.send(draft)).id();
      lock.lock();
      try {
        questions.put(id, question);
      } finally {
        lock.unlock();
      }
    } finally {
      look.unlock();
    }
    try {
      boolean isLast = false;
      while (question.isOpen() && !isLast) {
        // Counted first: an answer that somebody leaves from here on ends the wait.
        long seen = wakeUps();
        // The last look comes when the time is over: what it finds is what there is, and where the
        // broker is gone there is no "nothing".
        isLast = end.isOver();
        try {
          findAnswer(id);
          if (question.isOpen()) {
            await(seen, end);
          }
        } catch (PeersException e) {
          pauseOver(e, end);
        }
      }
    } catch (InterruptedException | RuntimeException e) {
      // Who else took the answer has left it here: it must not be lost now.
      Message answer = close(id, question);
      if (answer == null) {
        throw e;
      }
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      return Optional.of(answer);
    }
    return Optional.ofNullable(close(id, question));
  }

  /** From now on nobody leaves an answer; returns the one that somebody has left. */
  private @Nullable Message close(MessageId id, Question question) {
    lock.lock();
    try {
      questions.remove(id);
      return question.answer;
    } finally {
      lock.unlock();
    }
  }

  /** Waits for the next message that answers no open question. It is delivered with that. */
  Optional<Message> receive(Deadline end) throws InterruptedException {
    beWoken();
    while (true) {
      long seen = wakeUps();
      // As in ask.
      boolean isLast = end.isOver();
      try {
        Optional<Message> next = next(() -> true);
        next.ifPresent(this::acknowledgeIfPossible);
        if (next.isPresent() || isLast) {
          return next;
        }
        await(seen, end);
      } catch (PeersException e) {
        pauseOver(e, end);
      }
    }
  }

  /** Has each message that answers no open question handed over, one at a time. */
  Subscription listen(Consumer<Message> listener) {
    AtomicBoolean listening = new AtomicBoolean(true);
    Subscription subscription = subscribe(() -> drain(listener, () -> listening.get() && isOpen()));
    return () -> {
      // Once it is closed, nothing more is taken for it.
      look.lock();
      try {
        listening.set(false);
      } finally {
        look.unlock();
      }
      subscription.close();
    };
  }

  /** Subscribes until the subscription is closed, or all is. */
  Subscription subscribe(Runnable wakeUp) {
    Listening listening = new Listening(wakeUp, link.subscribe(self.get(), wakeUp));
    lock.lock();
    try {
      if (isOpen()) {
        listeners.add(listening);
        return () -> end(listening);
      }
    } finally {
      lock.unlock();
    }
    listening.subscription.close();
    throw link.refusal();
  }

  private void end(Listening listening) {
    Subscription open;
    lock.lock();
    try {
      listeners.remove(listening);
      open = listening.subscription;
    } finally {
      lock.unlock();
    }
    open.close();
  }

  /** The session is another peer from now on, and whoever listens listens for that one. */
  void move() {
    List<Listening> moving;
    lock.lock();
    try {
      moving = List.copyOf(listeners);
    } finally {
      lock.unlock();
    }
    for (Listening each : moving) {
      Subscription next = link.subscribe(self.get(), each.wakeUp);
      Subscription former = next;
      lock.lock();
      try {
        if (listeners.contains(each)) {
          former = each.subscription;
          each.subscription = next;
        }
      } finally {
        lock.unlock();
      }
      former.close();
    }
  }

  /** Ends every wait and subscription; the link is closed by then. */
  void close() {
    List<Listening> open;
    lock.lock();
    try {
      open = List.copyOf(listeners);
      listeners.clear();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    open.forEach(listening -> listening.subscription.close());
  }

  private void drain(Consumer<Message> listener, BooleanSupplier listening) {
    for (Optional<Message> next = look(listening); next.isPresent(); next = look(listening)) {
      Message message = next.get();
      try {
        listener.accept(message);
      } catch (RuntimeException e) {
        // It stays undelivered, and comes again when its lease is over.
        LOG.log(System.Logger.Level.WARNING, "a listener failed on message " + message.id(), e);
        continue;
      }
      acknowledgeIfPossible(message);
    }
  }

  /** The next message for a listener; none where the broker cannot say, which wakes us later. */
  private Optional<Message> look(BooleanSupplier listening) {
    try {
      return next(listening);
    } catch (PeersException e) {
      LOG.log(System.Logger.Level.DEBUG, "no mail of {0}: {1}", self.get(), e.getMessage());
      return Optional.empty();
    }
  }

  /** Takes the next message that answers no open question. */
  private Optional<Message> next(BooleanSupplier wanted) {
    while (true) {
      Message message;
      look.lock();
      try {
        if (!wanted.getAsBoolean()) {
          return Optional.empty();
        }
        List<Message> taken =
            link.call(broker -> broker.receive(self.get(), ReceiveRequest.queued(1, LEASE)))
                .messages();
        // Taken for a listener that was closed meanwhile: it comes again when its lease ends.
        if (taken.isEmpty() || !wanted.getAsBoolean()) {
          return Optional.empty();
        }
        message = taken.get(0);
        if (!isAnswer(message)) {
          return Optional.of(message);
        }
      } finally {
        look.unlock();
      }
      acknowledgeIfPossible(message);
    }
  }

  /** Looks for answers where nobody takes mail, among whatever else waits. */
  private void findAnswer(MessageId question) {
    long after = question.value();
    Batch page;
    do {
      look.lock();
      try {
        long behind = after;
        page = link.call(broker -> broker.peek(self.get(), behind, ReceiveRequest.MAX_LIMIT));
        for (Message message : page.messages()) {
          after = message.id().value();
          if (message.repliesTo().filter(question::equals).isPresent() && isAnswer(message)) {
            acknowledgeIfPossible(message);
            return;
          }
        }
      } finally {
        look.unlock();
      }
    } while (page.remaining() > 0);
  }

  /** Whether it answers an open question, which is then answered. */
  private boolean isAnswer(Message message) {
    lock.lock();
    try {
      Question question = message.repliesTo().map(questions::get).orElse(null);
      if (question == null || question.answer != null) {
        return false;
      }
      question.answer = message;
      wakeUps++;
      changed.signalAll();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /**
   * What has been taken is handed over, whatever becomes of the proof: if that is lost, the message
   * comes again when its lease is over.
   */
  private void acknowledgeIfPossible(Message message) {
    try {
      acknowledge(message);
    } catch (PeersException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "message " + message.id() + " may come again, its receipt was not confirmed",
          e);
    }
  }

  private void acknowledge(Message message) {
    link.finish(broker -> broker.acknowledge(self.get(), List.of(message.id())));
  }

  /** The first who waits has all who wait be woken from then on. */
  private void beWoken() {
    lock.lock();
    try {
      link.requireOpen();
      if (waits) {
        return;
      }
      waits = true;
    } finally {
      lock.unlock();
    }
    try {
      var unused = subscribe(this::wake);
    } catch (RuntimeException e) {
      lock.lock();
      try {
        waits = false;
      } finally {
        lock.unlock();
      }
      throw e;
    }
  }

  private void wake() {
    lock.lock();
    try {
      wakeUps++;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private long wakeUps() {
    lock.lock();
    try {
      link.requireOpen();
      return wakeUps;
    } finally {
      lock.unlock();
    }
  }

  /** Waits for any change since a count of wake-ups, or until the time is over. */
  private void await(long seen, Deadline end) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      link.requireOpen();
      for (long left = end.nanosLeft(); wakeUps == seen && left > 0; link.requireOpen()) {
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  /** A broker that is being replaced is waited for, if there is time; any other fault is told. */
  private void pauseOver(PeersException e, Deadline end) throws InterruptedException {
    if (e.code() != ErrorCode.UNAVAILABLE || end.isOver()) {
      throw e;
    }
    await(wakeUps(), end.orIn(PAUSE_NANOS));
  }

  private boolean isOpen() {
    return link.state() != SessionState.CLOSED;
  }
}
