package dev.peers.mcp.link;

import dev.peers.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Carries HTTP between a connection to the session socket and the broker's own HTTP server, byte
 * for byte, on two threads of its own. A program that shares the broker's files but not its
 * network, as in a container, has no other route to it; and who can open the socket is the broker's
 * user.
 */
public final class HttpBridge implements LineConnection.Handler {
  private static final System.Logger LOG = System.getLogger(HttpBridge.class.getName());

  private static final int MAX_BRIDGES = 512;
  private static final int CONNECT_MILLIS = 5_000;

  /** As much of an answer waits for its reader here; the server holds back the rest. */
  private static final int MAX_WAITING = 256 * 1024;

  /** More than any request has: each piece is as long as one read, 64 KiB at most. */
  private static final int MAX_PIECES = 64;

  private static final byte[] END = new byte[0];
  private static final AtomicInteger OPEN = new AtomicInteger();

  private final LineConnection connection;
  private final @Nullable URI server;
  private final BlockingQueue<byte[]> pieces = new ArrayBlockingQueue<>(MAX_PIECES);
  // The connection's handler alone, which is one call at a time.
  private boolean begun;
  // Set by the bridge's thread.
  private volatile @Nullable Socket socket;

  /**
   * Makes a bridge; it connects with the first bytes.
   *
   * @param server the address of the broker's HTTP server; null if it has none here
   */
  public HttpBridge(LineConnection connection, @Nullable URI server) {
    this.connection = connection;
    this.server = server;
  }

  /** Whether a connection's first line is a request of HTTP other than that of a waiting shell. */
  public static boolean begins(byte[] line) {
    String text = new String(line, StandardCharsets.ISO_8859_1).strip();
    return text.endsWith(" HTTP/1.1");
  }

  /** Takes any bytes, not lines: ends of lines are among them. */
  @Override
  public void line(byte[] bytes) {
    if (!begun) {
      begun = true;
      connection.establish();
      begin();
    }
    if (!pieces.offer(bytes)) {
      // It goes on asking and reads no answers.
      connection.close();
    }
  }

  private void begin() {
    if (server == null) {
      refuse("the broker has no HTTP server here; call the one at CLAUDE_PEERS_URL");
    } else if (OPEN.incrementAndGet() > MAX_BRIDGES) {
      OPEN.decrementAndGet();
      refuse("more than " + MAX_BRIDGES + " programs use HTTP over the socket; try again");
    } else {
      start("peers-http-bridge-in", () -> carry(server));
    }
  }

  private static void start(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
  }

  /** Carries requests, and in the end takes this bridge off the count. */
  private void carry(URI to) {
    try (Socket made = new Socket()) {
      socket = made;
      if (connect(made, to)) {
        start("peers-http-bridge-out", () -> carryBack(made));
        for (byte[] piece = pieces.take(); piece != END; piece = pieces.take()) {
          made.getOutputStream().write(piece);
        }
      }
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "HTTP over the socket broke off: {0}", e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      OPEN.decrementAndGet();
      connection.close();
    }
  }

  private boolean connect(Socket made, URI to) {
    try {
      made.connect(new InetSocketAddress(to.getHost(), to.getPort()), CONNECT_MILLIS);
      return true;
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "no HTTP over the socket: {0}", e.getMessage());
      refuse("the broker's HTTP server does not answer");
      return false;
    }
  }

  private void carryBack(Socket from) {
    try {
      InputStream in = from.getInputStream();
      byte[] buffer = new byte[16 * 1024];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        connection.send(Arrays.copyOf(buffer, n));
        connection.awaitRoom(MAX_WAITING);
      }
      connection.awaitRoom(0);
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "HTTP over the socket broke off: {0}", e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      // Its end ends the other direction.
      connection.close();
    }
  }

  private void refuse(String reason) {
    String body =
        "{\"ok\":false,\"error\":\""
            + reason
            + "\",\"code\":\""
            + ErrorCode.UNAVAILABLE.wireName()
            + "\",\"retry_after\":1}";
    String answer =
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nContent-Length: "
            + body.length()
            + "\r\nRetry-After: 1\r\nConnection: close\r\n\r\n"
            + body;
    try {
      connection.send(answer.getBytes(StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      // It has gone, and needs no answer.
    }
    connection.close();
  }

  @Override
  public void lineTooLong() {
    connection.close();
  }

  @Override
  public void end() {
    if (!pieces.offer(END)) {
      pieces.clear();
      pieces.add(END);
    }
    Socket open = socket;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        // It is closed as far as this connection is concerned.
      }
    }
  }
}
