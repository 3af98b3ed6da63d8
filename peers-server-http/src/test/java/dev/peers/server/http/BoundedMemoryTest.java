package dev.peers.server.http;

import static dev.peers.tck.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peers.ErrorCode;
import dev.peers.Limits;
import dev.peers.PeersException;
import dev.peers.broker.InMemoryStore;
import dev.peers.broker.LocalBroker;
import dev.peers.spi.BrokerServer;
import dev.peers.spi.ServerConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What all callers together may have under way, in a broker with little memory. */
class BoundedMemoryTest {
  private static final long HEAP = 32 << 20;

  private final LocalBroker broker =
      LocalBroker.over(new InMemoryStore())
          .limits(new Limits(0, 0, 0, Duration.ofDays(7), Duration.ofDays(30)))
          .build();
  private final BrokerServer server =
      HttpBrokerServer.start(broker, new ServerConfig("127.0.0.1", 0, null, () -> {}), HEAP);
  private final List<Socket> open = new ArrayList<>();

  @AfterEach
  void end() throws IOException {
    for (Socket socket : open) {
      socket.close();
    }
    server.close();
    broker.close();
  }

  @Test
  void bodiesThatDoNotEndAreBoundedInAllAndTheRestIsToldWhenToComeBack() throws IOException {
    // Room for a sixteenth of the heap: eight and some more of these.
    String part = "{\"scope\":\"" + "x".repeat(200_000);
    List<Socket> refused = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      Socket socket = say(head("/list-peers", part.length() + 100) + part);
      socket.setSoTimeout(100);
      open.add(socket);
    }
    eventually(
        "those for whom there is no room have been refused",
        () -> {
          open.stream()
              .filter(socket -> !refused.contains(socket) && hears(socket))
              .forEach(refused::add);
          return refused.size() >= 5;
        });
    assertThat(refused.size()).isLessThan(12);

    for (Socket socket : open) {
      socket.close();
    }
    eventually(
        "there is room again", () -> ask("/list-peers", listing()).startsWith("HTTP/1.1 200"));
  }

  @Test
  void answersThatWaitForTheirReadersAreBoundedInAll() {
    AnswerRoom room = new AnswerRoom(HEAP);
    List<AnswerRoom.Answer<String>> waiting = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      waiting.add(room.build(() -> "long", text -> new byte[1 << 20]));
    }

    assertThatThrownBy(() -> room.build(() -> "long", text -> new byte[1 << 20]))
        .isInstanceOfSatisfying(
            PeersException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE);
              assertThat(e.retryAfter()).contains(Duration.ofSeconds(1));
            });
    // Those that are short have always room.
    room.build(() -> "short", text -> new byte[1_000]).close();
    waiting.get(0).close();
    assertThat(room.build(() -> "long", text -> new byte[1 << 20]).of()).isEqualTo("long");
  }

  @Test
  void soManyAnswersArePutTogetherAtATime() {
    AnswerRoom room = new AnswerRoom(HEAP);
    List<Integer> found = new ArrayList<>();
    room.build(
        () ->
            room.build(
                () -> {
                  assertThat(room.buildNow(() -> found.add(3), none -> new byte[0])).isNull();
                  return found.add(2);
                },
                none -> new byte[0]),
        none -> new byte[0]);
    assertThat(found).containsExactly(2);
    assertThat(room.buildNow(() -> found.add(4), none -> new byte[0])).isNotNull();
  }

  @Test
  void aBodyOfNothingButBracketsIsRefused() {
    assertThat(ask("/list-peers", "{\"a\":[" + "[],".repeat(60_000) + "[]]}"))
        .startsWith("HTTP/1.1 400 ")
        .contains("20000 elements");
  }

  private static String listing() {
    return "{\"scope\":\"network\",\"cwd\":\"/\"}";
  }

  private String ask(String path, String body) {
    try (Socket socket = say(head(path, body.length()) + body)) {
      socket.setSoTimeout(30_000);
      StringBuilder answer = new StringBuilder();
      byte[] bytes = new byte[1 << 16];
      // The head and what comes with it is enough.
      while (answer.indexOf("\r\n\r\n") < 0 || answer.length() < 200) {
        int n = socket.getInputStream().read(bytes);
        if (n < 0) {
          break;
        }
        answer.append(new String(bytes, 0, n, StandardCharsets.UTF_8));
        if (answer.indexOf("\r\n\r\n") > 0
            && "]}".indexOf(answer.charAt(answer.length() - 1)) >= 0) {
          break;
        }
      }
      return answer.toString();
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static boolean hears(Socket socket) {
    try {
      byte[] bytes = new byte[1_000];
      int n = socket.getInputStream().read(bytes);
      assertThat(new String(bytes, 0, Math.max(0, n), StandardCharsets.UTF_8))
          .startsWith("HTTP/1.1 503 ")
          .contains("Retry-After: 1");
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private Socket say(String text) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.address().getPort());
    socket.getOutputStream().write(bytes(text));
    return socket;
  }

  private String head(String path, int length) {
    return "POST "
        + path
        + " HTTP/1.1\r\nHost: 127.0.0.1:"
        + server.address().getPort()
        + "\r\nContent-Type: application/json\r\nContent-Length: "
        + length
        + "\r\n\r\n";
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
