package dev.peers.server.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;

/**
 * A program that listens where a broker is expected, answers as it likes and keeps what it hears.
 */
final class ProgramOnThePort implements AutoCloseable {
  private final ServerSocket server;
  private final UnaryOperator<String> answers;
  private final List<String> heard = new CopyOnWriteArrayList<>();
  private final List<Socket> clients = new CopyOnWriteArrayList<>();

  /**
   * Starts to listen.
   *
   * @param port 0 for any
   * @param answers makes an answer, head and all, of each piece that comes in
   */
  ProgramOnThePort(int port, UnaryOperator<String> answers) {
    this.answers = answers;
    try {
      server = new ServerSocket();
      server.setReuseAddress(true);
      server.bind(new java.net.InetSocketAddress(InetAddress.getLoopbackAddress(), port), 50);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    start(this::accept);
  }

  URI address() {
    return URI.create("http://127.0.0.1:" + server.getLocalPort());
  }

  /** What came in, a connection's pieces one by one. */
  List<String> heard() {
    return heard;
  }

  /** An answer with this status line's end, these headers and this body. */
  static String http(String status, String headers, String body) {
    return "HTTP/1.1 "
        + status
        + "\r\nContent-Type: application/json\r\n"
        + headers
        + "Content-Length: "
        + body.length()
        + "\r\n\r\n"
        + body;
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket client = server.accept();
        clients.add(client);
        start(() -> serve(client));
      } catch (IOException e) {
        // Closed.
      }
    }
  }

  private void serve(Socket client) {
    byte[] bytes = new byte[1 << 16];
    try (client) {
      InputStream in = client.getInputStream();
      for (int n = in.read(bytes); n > 0; n = in.read(bytes)) {
        String request = new String(bytes, 0, n, StandardCharsets.UTF_8);
        heard.add(request);
        client.getOutputStream().write(answers.apply(request).getBytes(StandardCharsets.UTF_8));
      }
    } catch (IOException e) {
      // It hung up.
    }
  }

  private static void start(Runnable task) {
    Thread thread = new Thread(task, "test-program");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() {
    try {
      server.close();
      for (Socket client : clients) {
        client.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
