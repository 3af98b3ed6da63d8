package dev.peers.relay;

import dev.peers.local.Json;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.util.ArrayDeque;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The inbox of the session that this process belongs to: a socket of Claude Code's (2.1.224 and
 * later), of which its children alone are told. Used only with {@code CLAUDE_PEERS_INBOX=on}.
 */
final class InboxPoster {
  private static final int MAX_WAITING = 64;

  private final UnixDomainSocketAddress address;
  private final String token;
  private final Outcome outcome;
  private final Object lock = new Object();

  // All guarded by lock.
  private final ArrayDeque<Post> waiting = new ArrayDeque<>();
  private boolean posting;

  private record Post(String store, long message, String line) {}

  /** Who is told what became of a post; not by lambdas, whose first costs a sixth of the start. */
  interface Outcome {
    /** A message was posted. */
    void posted(String store, long message);

    /** A post failed. */
    void postFailed();
  }

  private InboxPoster(UnixDomainSocketAddress address, String token, Outcome outcome) {
    this.address = address;
    this.token = token;
    this.outcome = outcome;
  }

  /**
   * The inbox that an environment names.
   *
   * @param outcome told what became of each post
   * @return null where there is none, or it is not wanted
   */
  static @Nullable InboxPoster of(Map<String, String> environment, Outcome outcome) {
    String socket = environment.get("CLAUDE_CODE_MESSAGING_SOCKET");
    String token = environment.get("CLAUDE_CODE_MESSAGING_TOKEN");
    if (socket == null
        || token == null
        || !"on".equalsIgnoreCase(environment.getOrDefault("CLAUDE_PEERS_INBOX", "off").strip())) {
      return null;
    }
    try {
      return new InboxPoster(UnixDomainSocketAddress.of(socket), token, outcome);
    } catch (InvalidPathException e) {
      return null;
    }
  }

  /** Posts a line, after those before it, without waiting. */
  void post(String store, long message, String line) {
    synchronized (lock) {
      if (waiting.size() == MAX_WAITING) {
        return;
      }
      waiting.add(new Post(store, message, line));
      if (posting) {
        return;
      }
      posting = true;
    }
    // A session that does not take it must not keep its tools from answering.
    Thread thread =
        new Thread("peers-relay-inbox") {
          @Override
          public void run() {
            try {
              postAll();
            } catch (Throwable e) {
              giveUp();
            }
          }
        };
    thread.setDaemon(true);
    thread.start();
  }

  /** What cannot be posted comes by another way; the next post has a thread of its own. */
  private void giveUp() {
    synchronized (lock) {
      waiting.clear();
      posting = false;
    }
    outcome.postFailed();
  }

  private void postAll() {
    while (true) {
      Post post;
      synchronized (lock) {
        post = waiting.poll();
        if (post == null) {
          posting = false;
          return;
        }
      }
      try {
        write(post.line());
        if (post.message() > 0) {
          outcome.posted(post.store(), post.message());
        }
      } catch (IOException e) {
        outcome.postFailed();
      }
    }
  }

  /** One connection for each: the end of it is the end of what is posted. */
  private void write(String line) throws IOException {
    StringBuilder lines = new StringBuilder("{\"type\":\"auth\"");
    Json.member(lines, "token", token);
    lines.append("}\n").append(line);
    ByteBuffer bytes = ByteBuffer.wrap(lines.toString().getBytes(StandardCharsets.UTF_8));
    try (SocketChannel channel = SocketChannel.open(address)) {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.shutdownOutput();
    }
  }
}
