package dev.peers.server.http;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/**
 * A server's first request, by which it shows that it answers. It goes through a plain socket,
 * since the client's libraries need not be fit where only a server is wanted.
 */
final class TrialRequest {
  private static final int PATIENCE_MILLIS = 10_000;

  private TrialRequest() {}

  /**
   * Asks for what is not there: the refusal takes the way of every answer, and no broker.
   *
   * @throws IOException if another answer comes, or none
   */
  static void send(URI address) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(host(address), address.getPort()), PATIENCE_MILLIS);
      socket.setSoTimeout(PATIENCE_MILLIS);
      String request =
          "GET / HTTP/1.1\r\nHost: " + address.getAuthority() + "\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      String status =
          new BufferedReader(
                  new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
              .readLine();
      if (status == null || !status.startsWith("HTTP/1.1 404")) {
        throw new IOException(
            "it answers a request with "
                + (status == null ? "nothing" : "'" + status + "'")
                + "; its log tells why");
      }
    }
  }

  private static String host(URI address) {
    return address.getHost().replaceAll("[\\[\\]]", "");
  }
}
