package dev.peers.relay;

import dev.peers.local.BrokerConnector;
import dev.peers.local.BrokerFiles;
import dev.peers.local.IoReason;
import dev.peers.local.RelayLine;
import dev.peers.local.Replies;
import java.io.ByteArrayOutputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The MCP server as an agent sees it: lines of JSON-RPC on standard input and output. It moves them
 * to and from the broker's socket. When the broker goes away it finds or starts the next one,
 * introduces the session again and repeats what is unanswered; the agent notices nothing.
 *
 * @since 0.1
 */
public final class Relay implements InboxPoster.Outcome {
  /** The longest line of the agent's; a message is 64 KiB at most. */
  private static final int MAX_LINE = 1 << 20;

  private static final int BUFFER = 64 * 1024;
  private static final byte[] END = new byte[0];

  /** How long the end of input waits for a goodbye, and for answers that are still due. */
  private static final long GOODBYE_MILLIS = 60;

  private static final long LAST_ANSWERS_MILLIS = 2_000;
  private static final long MAX_PAUSE_MILLIS = 10_000;

  /** How long calls wait for a broker that does not take the session back. */
  private static final long STRANDED_NANOS = 10_000_000_000L;

  /**
   * How long a broker may say nothing while an answer is due, before its process is looked at. Some
   * agents wait 10 s for a server to introduce itself.
   */
  private static final long SILENT_NANOS = 7_000_000_000L;

  /** How long it may if nothing is to be seen; some agents wait 60 s for a tool. */
  private static final long HUNG_NANOS = 50_000_000_000L;

  /** How many lines wait for a broker that may not be reading. */
  private static final int MANY_LINES = 8;

  private static final long LOOK_NANOS = 1_000_000_000L;

  private static final String CANCELLED = "notifications/cancelled";

  private final BrokerConnector door;
  private final HelloWriter hello;
  private final @Nullable InboxPoster inbox;
  private final InputStream in;
  private final OutputStream out;
  private final Object lock = new Object();

  // All guarded by lock.
  private final SessionReplay exchange = new SessionReplay();
  private @Nullable SocketChannel link;
  // What goes to the link, in order; one thread writes it, so that nobody else waits for a broker.
  private final ArrayDeque<byte[]> outgoing = new ArrayDeque<>();
  private boolean ended;
  private boolean done;
  // Another process of the agent has the session now: this one never connects again.
  private boolean superseded;
  // When the broker should have said something; of use while an answer is due.
  private long silentSince;
  private long lookedAt;
  private boolean writing;
  private boolean watched;

  // What standard error was told last.
  private volatile String complaint = "";

  private Relay(Map<String, String> environment, InputStream in, OutputStream out) {
    this.door = new BrokerConnector(BrokerFiles.of(environment), environment);
    this.hello = new HelloWriter(environment);
    this.inbox = InboxPoster.of(environment, this);
    this.in = in;
    this.out = out;
  }

  /**
   * Runs a relay until its input ends.
   *
   * @param args none
   */
  public static void main(String[] args) {
    if (args.length > 0) {
      System.err.println(
          "peers-mcp takes no arguments: an agent starts it and speaks MCP on its standard input."
              + " For commands use 'peers'");
      System.exit(2);
    }
    System.exit(run(System.getenv()));
  }

  /**
   * Runs a relay on this process's standard streams until the input ends.
   *
   * @param environment environment variables
   * @return the exit code
   */
  public static int run(Map<String, String> environment) {
    // Not System.in and System.out: those decode, buffer and lock.
    return new Relay(
            environment,
            new FileInputStream(FileDescriptor.in),
            new FileOutputStream(FileDescriptor.out))
        .run();
  }

  private int run() {
    Thread links =
        new Thread("peers-relay-link") {
          @Override
          public void run() {
            try {
              keepLinked();
            } catch (Throwable e) {
              fail(e);
            }
          }
        };
    links.setDaemon(true);
    Thread writer =
        new Thread("peers-relay-output") {
          @Override
          public void run() {
            try {
              writeBroker();
            } catch (Throwable e) {
              fail(e);
            }
          }
        };
    writer.setDaemon(true);
    links.start();
    writer.start();
    try {
      readAgent();
    } catch (Throwable e) {
      fail(e);
    }
    synchronized (lock) {
      try {
        long patience = exchange.complete() ? GOODBYE_MILLIS : LAST_ANSWERS_MILLIS;
        long end = System.nanoTime() + patience * 1_000_000;
        for (long left = patience; !done && left > 0; ) {
          lock.wait(left);
          left = (end - System.nanoTime()) / 1_000_000;
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    return 0;
  }

  /**
   * Ends the process, since one that lacks a thread, or a class, would never answer again. What is
   * unanswered is answered first, if that can still be done.
   */
  private void fail(Throwable problem) {
    try {
      String reason = "this process cannot go on: " + problem + "; start the server again";
      complain(reason);
      refuseAll(reason);
    } finally {
      Runtime.getRuntime().halt(1);
    }
  }

  private void finish() {
    synchronized (lock) {
      done = true;
      lock.notifyAll();
    }
  }

  /** Agent to broker. */
  private void readAgent() {
    byte[] buffer = new byte[BUFFER];
    ByteArrayOutputStream line = new ByteArrayOutputStream(1024);
    JsonScanner scanner = new JsonScanner();
    boolean tooLong = false;
    try {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        int from = 0;
        for (int i = 0; i < n; i++) {
          if (buffer[i] != '\n') {
            continue;
          }
          scanner.feed(buffer, from, i);
          if (tooLong || line.size() + i - from > MAX_LINE) {
            refuse(scanner.id(), "the request is longer than " + MAX_LINE + " bytes");
          } else {
            line.write(buffer, from, i + 1 - from);
            toBroker(scanner, line.toByteArray());
          }
          scanner.reset();
          line.reset();
          tooLong = false;
          from = i + 1;
        }
        scanner.feed(buffer, from, n);
        tooLong = tooLong || line.size() + n - from > MAX_LINE;
        if (tooLong) {
          line.reset();
        } else {
          line.write(buffer, from, n - from);
        }
      }
      if (line.size() > 0) {
        line.write('\n');
        toBroker(scanner, line.toByteArray());
      }
    } catch (IOException e) {
      // The agent is gone, which is the end of input too.
    }
    synchronized (lock) {
      ended = true;
      if (link == null && exchange.complete()) {
        done = true;
      }
      endIfSettled();
      lock.notifyAll();
    }
  }

  /** Called with the lock held: says goodbye when nothing is due any more, proofs among it. */
  private void endIfSettled() {
    if ((ended || superseded) && link != null && exchange.isSettled()) {
      outgoing.add(END);
    }
  }

  private void toBroker(JsonScanner line, byte[] bytes) {
    boolean replaced;
    synchronized (lock) {
      replaced = superseded;
      if (!replaced) {
        byte[] told = bytes;
        if (CANCELLED.equals(line.method())) {
          exchange.cancelled(line.requestId());
        } else {
          if (exchange.complete()) {
            silentSince = System.nanoTime();
          }
          told = exchange.asked(line.id(), line.method(), bytes);
        }
        if (link != null) {
          outgoing.add(told);
          lock.notifyAll();
        }
        if (!writing || watched || outgoing.size() < MANY_LINES) {
          return;
        }
        watched = true;
      }
    }
    if (!replaced) {
      watch();
    } else if (line.id() != null && line.method() != null) {
      print(Replies.afterReplacement(line.id(), line.method(), line.name()));
    }
  }

  /** Looks at a broker that reads nothing, while the thread that writes cannot. */
  private void watch() {
    Thread thread =
        new Thread("peers-relay-watch") {
          @Override
          public void run() {
            try {
              lookWhileWriting();
            } catch (Throwable e) {
              fail(e);
            }
          }
        };
    thread.setDaemon(true);
    thread.start();
  }

  private void lookWhileWriting() throws InterruptedException {
    while (true) {
      synchronized (lock) {
        for (long left = nextLook(); left >= 0; left = nextLook()) {
          if (!writing) {
            watched = false;
            return;
          }
          lock.wait(LOOK_NANOS / 1_000_000);
        }
      }
      lookAtBroker();
    }
  }

  /** Writes what is due to whatever link there is, and looks at a broker that says nothing. */
  private void writeBroker() throws InterruptedException {
    while (true) {
      SocketChannel channel = null;
      byte[] line = END;
      synchronized (lock) {
        writing = false;
        long left = nextLook();
        while ((link == null || outgoing.isEmpty()) && left >= 0) {
          lock.wait(left);
          left = nextLook();
        }
        if (link != null && !outgoing.isEmpty()) {
          channel = link;
          line = outgoing.remove();
          writing = true;
        }
      }
      if (channel == null) {
        lookAtBroker();
        continue;
      }
      try {
        if (line == END) {
          channel.shutdownOutput();
        } else {
          ByteBuffer bytes = ByteBuffer.wrap(line);
          while (bytes.hasRemaining()) {
            channel.write(bytes);
          }
        }
      } catch (IOException e) {
        // The other direction ends as well, and sees to a new link and the repetition.
      }
    }
  }

  /** Called with the lock held: milliseconds until a look is due, 0 for none, -1 for now. */
  private long nextLook() {
    if (link == null || exchange.complete()) {
      return 0;
    }
    long now = System.nanoTime();
    long left = Math.max(SILENT_NANOS - (now - silentSince), LOOK_NANOS - (now - lookedAt));
    return left <= 0 ? -1 : left / 1_000_000 + 1;
  }

  /** A broker that is stopped, or hangs, keeps its connections, and answers nothing. */
  private void lookAtBroker() {
    String reason = door.stopped();
    long now = System.nanoTime();
    boolean hung;
    synchronized (lock) {
      lookedAt = now;
      hung = now - silentSince > HUNG_NANOS;
    }
    if (reason == null && hung) {
      reason =
          "the broker has said nothing for "
              + HUNG_NANOS / 1_000_000_000
              + " s. 'peers doctor' says what is wrong, 'peers kill-broker' has it replaced";
    }
    if (reason != null) {
      complain(reason);
      withdrawAll(reason + ". What was asked may still be done when it goes on");
    }
  }

  /** Broker to agent, over as many links as it takes. */
  private void keepLinked() {
    long pause = 0;
    long strandedAt = 0;
    while (true) {
      try (SocketChannel channel = enter()) {
        if (channel != null) {
          if (!open(channel)) {
            return;
          }
          if (readBroker(channel)) {
            pause = 0;
          }
        }
      } catch (IOException e) {
        // The broker went away, perhaps before it knew us: the next one takes over.
      } catch (RuntimeException e) {
        // Nobody expected it; the next link may live all the same.
        complain(e.toString());
        if (pause > 0) {
          refuseAll("the connection to the broker fails: " + e);
        }
      } catch (InterruptedException e) {
        finish();
        return;
      }
      boolean stranded;
      boolean replaced;
      synchronized (lock) {
        link = null;
        outgoing.clear();
        replaced = superseded;
        if (ended && exchange.complete()) {
          finish();
          return;
        }
        stranded = exchange.isStranded();
      }
      if (replaced) {
        refuseAll(Replies.REPLACED);
        return;
      }
      long now = System.nanoTime();
      strandedAt = !stranded ? 0 : strandedAt == 0 ? now : strandedAt;
      if (stranded && now - strandedAt > STRANDED_NANOS) {
        // The process is there, and what is behind it is not.
        refuseAll("the broker cannot be reached at the moment; try again later");
      }
      try {
        Thread.sleep(pause);
      } catch (InterruptedException e) {
        finish();
        return;
      }
      pause = Math.min(Math.max(20, pause * 2), MAX_PAUSE_MILLIS);
    }
  }

  /** Connects; null if no broker can be had, which whoever waits for an answer is told. */
  private @Nullable SocketChannel enter() throws InterruptedException {
    try {
      SocketChannel channel = door.enter();
      complaint = "";
      return channel;
    } catch (IOException e) {
      String reason = IoReason.of(e);
      complain(reason);
      refuseAll(reason);
      return null;
    }
  }

  /** Tells standard error what is wrong, once for as long as it is the same. */
  private void complain(String reason) {
    if (!reason.equals(complaint)) {
      complaint = reason;
      System.err.println("claude-peers: " + reason);
    }
  }

  /** Introduces the session; false if the agent has gone without having begun one. */
  private boolean open(SocketChannel channel) {
    synchronized (lock) {
      if (ended && exchange.complete()) {
        finish();
        return false;
      }
      outgoing.clear();
      outgoing.add(
          hello.write(exchange.begun(), exchange.pushed(), exchange.pushedIn(), inbox != null));
      outgoing.addAll(exchange.replay());
      link = channel;
      silentSince = System.nanoTime();
      lock.notifyAll();
      return true;
    }
  }

  /** Moves lines until the link ends; whether there was any, so that the broker does answer. */
  private boolean readBroker(SocketChannel channel) {
    byte[] bytes = new byte[BUFFER];
    ByteArrayOutputStream line = new ByteArrayOutputStream(1024);
    JsonScanner scanner = new JsonScanner();
    boolean any = false;
    while (true) {
      int n;
      try {
        n = channel.read(ByteBuffer.wrap(bytes));
      } catch (IOException e) {
        return any;
      }
      if (n < 0) {
        return any;
      }
      synchronized (lock) {
        silentSince = System.nanoTime();
      }
      int from = 0;
      for (int i = 0; i < n; i++) {
        if (bytes[i] == '\n') {
          scanner.feed(bytes, from, i);
          line.write(bytes, from, i + 1 - from);
          if (scanner.id() != null || scanner.method() != null || !isNote(line.toByteArray())) {
            toAgent(scanner.id(), scanner.method(), line);
          }
          any = true;
          scanner.reset();
          line.reset();
          from = i + 1;
        }
      }
      scanner.feed(bytes, from, n);
      line.write(bytes, from, n - from);
    }
  }

  /** Acts upon a line that is for the relay itself; false if it is for the agent. */
  private boolean isNote(byte[] bytes) {
    RelayLine note = RelayLine.read(bytes);
    if (note instanceof RelayLine.Superseded) {
      supersede();
    } else if (note instanceof RelayLine.Pushed pushed) {
      posted(pushed.store(), pushed.message());
    } else if (note instanceof RelayLine.InboxPost post && inbox != null) {
      inbox.post(post.store(), post.message(), post.post() + "\n");
    }
    return note != null;
  }

  private void supersede() {
    synchronized (lock) {
      superseded = true;
      endIfSettled();
      lock.notifyAll();
    }
  }

  /** The agent has a message. */
  @Override
  public void posted(String store, long message) {
    synchronized (lock) {
      exchange.pushed(store, message);
    }
  }

  @Override
  public void postFailed() {
    synchronized (lock) {
      if (link != null) {
        outgoing.add(new RelayLine.InboxFailed().bytes());
        lock.notifyAll();
      }
    }
  }

  private void toAgent(@Nullable String id, @Nullable String method, ByteArrayOutputStream line) {
    synchronized (lock) {
      if (!exchange.answered(id, method)) {
        return;
      }
    }
    if (!print(line)) {
      // It proves nothing: nobody has it.
      return;
    }
    synchronized (lock) {
      if (id != null && exchange.wantsProof(id) && link != null) {
        outgoing.add(new RelayLine.Written(id).bytes());
      }
      endIfSettled();
      lock.notifyAll();
    }
  }

  /** One write for each line, so that lines of two threads never mix; false if nobody reads. */
  private boolean print(ByteArrayOutputStream line) {
    return print(line.toByteArray());
  }

  private void print(String line) {
    print(line.getBytes(StandardCharsets.UTF_8));
  }

  private boolean print(byte[] line) {
    try {
      synchronized (out) {
        out.write(line);
      }
      return true;
    } catch (IOException e) {
      // Nobody reads: the agent is gone, whether its end of the input is closed or not.
      System.exit(0);
      return false;
    }
  }

  /** The same over a link that may still bring the answers: those come too late. */
  private void withdrawAll(String reason) {
    Set<String> ids;
    synchronized (lock) {
      ids = exchange.unansweredIds();
      for (String id : ids) {
        exchange.withdrawn(id);
      }
    }
    for (String id : ids) {
      refuse(id, reason);
    }
  }

  private void refuseAll(String reason) {
    Set<String> ids;
    synchronized (lock) {
      ids = exchange.unansweredIds();
      for (String id : ids) {
        exchange.forget(id);
      }
    }
    // Outside the lock: an agent that does not read must not keep the relay from ending.
    for (String id : ids) {
      refuse(id, reason);
    }
  }

  private void refuse(@Nullable String id, String reason) {
    print(Replies.refusal(id, reason));
  }
}
