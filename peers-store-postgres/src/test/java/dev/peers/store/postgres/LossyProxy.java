package dev.peers.store.postgres;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;

/** Stands between a store and its server, and cuts a connection when an answer is on its way. */
final class LossyProxy implements AutoCloseable {
  private final ServerSocket server;
  private final int target;
  private final ExecutorService pumps = Executors.newCachedThreadPool();
  private final Set<Pair> pairs = ConcurrentHashMap.newKeySet();
  private final AtomicReference<String> fatal = new AtomicReference<>();

  /**
   * Starts one on a free port.
   *
   * @param target the server's port
   */
  LossyProxy(int target) throws IOException {
    this.target = target;
    this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    pumps.execute(this::accept);
  }

  int port() {
    return server.getLocalPort();
  }

  /** Lets the next request with a text in it through, but not its answer. */
  void loseAnswerTo(String text) {
    fatal.set(text);
  }

  /** Carries nothing more over the connections there are, and leaves them open. */
  void freeze() {
    pairs.forEach(pair -> pair.frozen = true);
  }

  /** Whether an answer was lost. */
  boolean hasLost() {
    return fatal.get() == null;
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Pair pair : pairs) {
      pair.client.close();
      pair.peer.close();
    }
    pumps.shutdownNow();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = server.accept();
        Socket peer = new Socket(InetAddress.getLoopbackAddress(), target);
        Pair pair = new Pair(client, peer);
        pairs.add(pair);
        pumps.execute(pair::requests);
        pumps.execute(pair::answers);
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  private final class Pair {
    private final Socket client;
    private final Socket peer;
    private volatile boolean doomed;
    volatile boolean frozen;

    Pair(Socket client, Socket peer) {
      this.client = client;
      this.peer = peer;
    }

    void requests() {
      pump(client, peer, true);
    }

    void answers() {
      pump(peer, client, false);
    }

    private void pump(Socket from, Socket to, boolean requests) {
      byte[] bytes = new byte[1 << 16];
      try (from;
          to;
          InputStream in = from.getInputStream();
          OutputStream out = to.getOutputStream()) {
        int count;
        while ((count = in.read(bytes)) >= 0) {
          String text = fatal.get();
          if (requests
              && text != null
              && new String(bytes, 0, count, StandardCharsets.ISO_8859_1).contains(text)) {
            doomed = fatal.compareAndSet(text, null);
          }
          if (!requests && doomed) {
            return;
          }
          if (!frozen) {
            out.write(bytes, 0, count);
          }
        }
      } catch (IOException e) {
        // The other direction has ended it.
      }
    }
  }
}
