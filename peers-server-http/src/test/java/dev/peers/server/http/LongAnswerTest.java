package dev.peers.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peers.Peer;
import dev.peers.PeerQuery;
import dev.peers.Registration;
import dev.peers.Scope;
import dev.peers.SessionKey;
import dev.peers.Workspace;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Listings of more bytes than the sockets between a server and its client hold. */
class LongAnswerTest {
  private static final int PEERS = 5_000;
  private static final String LIST = "{\"scope\":\"machine\"}";

  private final HttpWorld world = new HttpWorld(null);

  LongAnswerTest() {
    String summary = "Ж".repeat(300);
    for (int i = 0; i < PEERS; i++) {
      world.broker.register(
          Registration.builder(new SessionKey("session-" + i), Workspace.of("/code/owl-" + i))
              .summary(summary)
              .build());
    }
  }

  @AfterEach
  void close() {
    world.close();
  }

  @Test
  void areWholeThoughTheirReaderWaits() throws Exception {
    try (Socket slow = ask()) {
      // Whoever does not read keeps nobody else.
      assertThat(ids(world.call("/list-peers", LIST))).isEqualTo(ids());

      String answer = new String(slow.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      String[] parts = answer.split("\r\n\r\n", 2);
      assertThat(parts[0])
          .startsWith("HTTP/1.1 200")
          .contains("Content-Length: " + parts[1].getBytes(StandardCharsets.UTF_8).length);
      assertThat(ids(HttpWorld.JSON.readTree(parts[1]))).isEqualTo(ids());
    }
  }

  @Test
  void holdNoThreadThoughManyWait() throws Exception {
    // More than the server has threads.
    List<Socket> readers = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      readers.add(ask());
    }
    assertThat(ids(world.call("/list-peers", LIST))).isEqualTo(ids());
    for (Socket reader : readers) {
      assertThat(new String(reader.getInputStream().readNBytes(12), StandardCharsets.US_ASCII))
          .isEqualTo("HTTP/1.1 200");
      reader.close();
    }

    assertThat(ids(world.call("/list-peers", LIST))).isEqualTo(ids());
  }

  @Test
  void ofNobodyAndOfOneAreArraysToo() throws Exception {
    String id = ids().get(7);
    assertThat(ids(world.call("/list-peers", "{\"scope\":\"machine\",\"id\":\"" + id + "\"}")))
        .containsExactly(id);
    assertThat(world.call("/list-peers", "{\"scope\":\"directory\",\"cwd\":\"/code/hare\"}"))
        .isEmpty();
  }

  private Socket ask() throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(4 * 1024);
    socket.connect(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), world.server.address().getPort()));
    String head =
        "POST /list-peers HTTP/1.1\r\nHost: "
            + world.server.address().getAuthority()
            + "\r\nConnection: close\r\n"
            + "Content-Type: application/json\r\nContent-Length: "
            + LIST.length()
            + "\r\n\r\n";
    socket.getOutputStream().write((head + LIST).getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  private List<String> ids() {
    return world.broker.list(new PeerQuery(new Scope.Machine(null), null, false)).stream()
        .map(Peer::id)
        .map(Object::toString)
        .toList();
  }

  private static List<String> ids(JsonNode listing) {
    return StreamSupport.stream(listing.spliterator(), false)
        .map(peer -> peer.get("id").textValue())
        .toList();
  }
}
