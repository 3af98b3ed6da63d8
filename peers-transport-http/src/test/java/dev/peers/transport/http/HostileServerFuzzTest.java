package dev.peers.transport.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.peers.Broker;
import dev.peers.MessageId;
import dev.peers.PeerId;
import dev.peers.PeerQuery;
import dev.peers.PeersException;
import dev.peers.Registration;
import dev.peers.SessionKey;
import dev.peers.Workspace;
import dev.peers.spi.ClientConfig;
import dev.peers.tck.FuzzContract;
import dev.peers.transport.http.wire.BrokerProof;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import okio.Buffer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Answers of something that need not be a broker; the first byte says to which question. The last
 * one is that for a proof, which is well for the others.
 */
class HostileServerFuzzTest implements FuzzContract {
  private static final int QUESTIONS = 7;
  private static final Pattern CHALLENGE = Pattern.compile("Peers-Challenge: (\\S+)");

  private ServerSocket socket;
  private volatile byte[] answer = {};
  private volatile boolean proven = true;

  @BeforeAll
  void open() throws IOException {
    socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread server = new Thread(this::serve, "hostile-server");
    server.setDaemon(true);
    server.start();
  }

  @AfterAll
  void close() throws IOException {
    socket.close();
  }

  @Override
  public int mutations() {
    return 150;
  }

  @Override
  public Stream<byte[]> seeds() {
    return Stream.concat(
        FuzzContract.texts(
            "0HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
            "0HTTP/1.1 302 Found\r\nLocation: /x\r\n\r\n",
            "1HTTP/1.1 401 No\r\nWWW-Authenticate: Bearer\r\nRetry-After: 1\r\n\r\n[]",
            "6HTTP/1.1 200 OK\r\nPeers-Proof: 127.0.0.1:1 " + "0".repeat(64) + "\r\n\r\n{}",
            "6HTTP/1.1 502 Bad Gateway\r\nContent-Length: 99999\r\n\r\n<html>",
            "4data: x\nid: 99999999999999999999\n\nid: 7\n: ping\n\ndata:\n\n"),
        FuzzContract.texts(
                "0{\"service\":\"claude-peers\",\"version\":\"1\",\"protocol\":1,\"pid\":7}",
                "1[{\"id\":\"eel-k3f9\",\"cwd\":\"/w\",\"registered_at\":\"2026-01-02T03:04:05Z\","
                    + "\"last_seen\":\"2026-01-02T03:04:05Z\"}]",
                "2{\"ok\":true,\"id\":1,\"from_id\":\"a\",\"to_id\":\"b\",\"state\":\"queued\","
                    + "\"sent_at\":\"2026-01-02T03:04:05Z\",\"expires_at\":\"2026-01-02T03:04:05Z\"}",
                "3{\"id\":\"eel-k3f9\",\"key\":\"k\",\"name\":null}",
                "4null",
                "5{\"ok\":false,\"code\":[],\"error\":{}}")
            .map(HostileServerFuzzTest::withHead));
  }

  @Override
  @MethodSource("seeds")
  @FuzzTest
  public void holds(byte[] input) throws IOException {
    if (input.length == 0) {
      return;
    }
    answer =
        new String(input, StandardCharsets.ISO_8859_1)
            .substring(1)
            .getBytes(StandardCharsets.ISO_8859_1);
    URI address = URI.create("http://127.0.0.1:" + socket.getLocalPort());
    int question = (input[0] & 0xff) % QUESTIONS;
    proven = question < QUESTIONS - 1;
    try (Broker broker = new HttpTransportProvider().connect(new ClientConfig(address, "t"))) {
      ask(broker, question);
    } catch (PeersException e) {
      assertThat(e.getMessage()).isNotBlank();
    }
    listen();
  }

  private static void ask(Broker broker, int question) {
    switch (question) {
      case 0 -> assertThat(broker.status()).isNotNull();
      case 1 -> assertThat(broker.list(PeerQuery.everyone())).doesNotContainNull();
      case 2 -> assertThat(broker.receipt(new MessageId(1))).isNotNull();
      case 3 ->
          broker.register(Registration.builder(new SessionKey("k"), Workspace.of("/w")).build());
      case 4 -> assertThat(broker.find(new PeerId("eel-k3f9"))).isNotNull();
      default -> broker.shutdown();
    }
  }

  /** The same bytes as events. */
  private void listen() throws IOException {
    HttpCalls calls = new HttpCalls(new ClientConfig(URI.create("http://127.0.0.1:1"), "t"));
    int[] wakeUps = {0};
    EventStreamClient listener =
        new EventStreamClient(calls, new PeerId("eel-k3f9"), () -> "k", () -> wakeUps[0]++);
    try (Buffer events = new Buffer()) {
      assertThatThrownBy(() -> listener.listen(events.write(answer)))
          .isInstanceOf(EOFException.class);
    }
    // Once for the connection, and once for what came with it.
    assertThat(wakeUps[0]).isBetween(1, 2);
  }

  private void serve() {
    byte[] request = new byte[8_192];
    while (!socket.isClosed()) {
      try (Socket connection = socket.accept()) {
        InputStream in = connection.getInputStream();
        int n = in.read(request);
        assertThat(n).isPositive();
        Matcher challenge = CHALLENGE.matcher(new String(request, 0, n, StandardCharsets.US_ASCII));
        if (proven && challenge.find()) {
          connection.getOutputStream().write(proof(challenge.group(1)));
          assertThat(in.read(request)).isPositive();
        }
        connection.getOutputStream().write(answer);
        connection.shutdownOutput();
      } catch (IOException | AssertionError e) {
        // The next one, please.
      }
    }
  }

  private byte[] proof(String challenge) {
    String here = "127.0.0.1:" + socket.getLocalPort();
    String header = BrokerProof.of("t", challenge, here).header();
    return ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n" + BrokerProof.PROOF + ": " + header)
        .concat("\r\n\r\n{}")
        .getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] withHead(byte[] seed) {
    String text = new String(seed, StandardCharsets.UTF_8);
    String body = text.substring(1);
    return (text.charAt(0)
            + "HTTP/1.1 200 OK\r\nContent-Length: "
            + body.length()
            + "\r\n\r\n"
            + body)
        .getBytes(StandardCharsets.UTF_8);
  }
}
