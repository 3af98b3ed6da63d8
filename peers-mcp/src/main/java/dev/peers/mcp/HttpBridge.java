package dev.peers.mcp;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Carries HTTP between a connection to the session socket and the broker's own HTTP server, byte
 * for byte. A program that shares the broker's files but not its network, as in a container, has no
 * other way to it; and who can open the socket is the broker's user.
 */
final class HttpBridge implements LineConnection.Handler {
  private static final System.Logger LOG = System.getLogger(HttpBridge.class.getName());

  private static final int MAX_BRIDGES = 64;
  private static final int CONNECT_MILLIS = 5_000;

  /** As much of an answer waits for its reader here; the server holds back the rest. */
  private static final int MAX_WAITING = 256 * 1024;

  private static final AtomicInteger OPEN = new AtomicInteger();

  private final LineConnection connection;
  private final @Nullable URI server;
  // The connection's handler alone: one call at a time.
  private @Nullable Socket socket;

  /**
   * Makes a bridge; it connects with the first bytes.
   *
   * @param server the address of the broker's HTTP server; null if it has none here
   */
  HttpBridge(LineConnection connection, @Nullable URI server) {
    this.connection = connection;
    this.server = server;
  }

  /** Whether a connection's first line is a request of HTTP other than that of a waiting shell. */
  static boolean begins(byte[] line) {
    String text = new String(line, StandardCharsets.ISO_8859_1).strip();
    return text.endsWith(" HTTP/1.1") && !WakeRequest.begins(line);
  }

  /** Takes any bytes, not lines: ends of lines are among them. */
  @Override
  public void line(byte[] bytes) {
    try {
      if (socket == null) {
        socket = connect();
      }
      socket.getOutputStream().write(bytes);
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "HTTP over the socket broke off: {0}", e.getMessage());
      connection.close();
    }
  }

  private Socket connect() throws IOException {
    if (server == null) {
      throw new IOException("the broker has no HTTP server here");
    }
    if (OPEN.incrementAndGet() > MAX_BRIDGES) {
      OPEN.decrementAndGet();
      throw new IOException("more than " + MAX_BRIDGES + " programs use HTTP over the socket");
    }
    Socket made = new Socket();
    try {
      made.connect(new InetSocketAddress(server.getHost(), server.getPort()), CONNECT_MILLIS);
    } catch (IOException e) {
      OPEN.decrementAndGet();
      made.close();
      throw e;
    }
    connection.establish();
    Thread back = new Thread(() -> carryBack(made), "peers-http-bridge");
    back.setDaemon(true);
    back.start();
    return made;
  }

  private void carryBack(Socket from) {
    try (from) {
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
      OPEN.decrementAndGet();
      connection.close();
    }
  }

  @Override
  public void lineTooLong() {
    connection.close();
  }

  @Override
  public void end() {
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
