package dev.peers.server.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.peers.broker.InMemoryStore;
import dev.peers.broker.LocalBroker;
import dev.peers.spi.BrokerServer;
import dev.peers.spi.ServerConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;

/** A served broker and a client that knows nothing of Peers. */
final class HttpWorld implements AutoCloseable {
  static final ObjectMapper JSON = new ObjectMapper();

  /** What the keys of its peers are made with. */
  static final String PEER_SECRET = "a-secret-of-the-broker-alone";

  final LocalBroker broker;
  final CountDownLatch shutdown = new CountDownLatch(1);
  final BrokerServer server;
  final HttpClient client = HttpClient.newHttpClient();

  HttpWorld(String token) {
    this(token, LocalBroker.over(new InMemoryStore()).build());
  }

  HttpWorld(String token, LocalBroker broker) {
    this.broker = broker;
    server =
        new HttpServerProvider()
            .serve(
                broker,
                new ServerConfig(
                    "127.0.0.1",
                    0,
                    token == null ? null : () -> token,
                    PEER_SECRET,
                    shutdown::countDown));
  }

  URI uri(String path) {
    return server.address().resolve(path);
  }

  HttpRequest.Builder post(String path, String body) {
    return HttpRequest.newBuilder(uri(path))
        .header("Content-Type", "application/json")
        .POST(BodyPublishers.ofString(body));
  }

  HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return client.send(request.build(), BodyHandlers.ofString());
  }

  /** Posts as the original's clients do, and reads the answer. */
  JsonNode call(String path, String body) throws Exception {
    HttpResponse<String> response = send(post(path, body));
    if (response.statusCode() != 200) {
      throw new AssertionError(path + ": " + response.statusCode() + " " + response.body());
    }
    return JSON.readTree(response.body());
  }

  /** Sends bytes as they are and reads until the server closes or goes quiet. */
  String raw(String request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.address().getPort())) {
      socket.setSoTimeout(5_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      socket.getOutputStream().flush();
      socket.shutdownOutput();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Override
  public void close() {
    server.close();
    broker.close();
  }
}
