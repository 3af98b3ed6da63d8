package dev.peers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peers.tck.Eventually;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A session whose program offers an inbox, as Claude Code does. */
class InboxIT {
  private final World world = new World().with("CLAUDE_PEERS_CHANNEL", "auto");
  private final List<List<String>> posts = new CopyOnWriteArrayList<>();

  @AfterEach
  void end() {
    world.close();
  }

  @Test
  void mailIsPostedByTheSessionsOwnProcessOnceAndAnAnswerProvesIt() throws IOException {
    try (ServerSocketChannel inbox = listen(world.file("inbox.sock"))) {
      RawSession eel = world.join("eel");
      RawSession crab = world.join("crab", inbox(inbox, "on"));
      String crabId = crab.id();
      assertThat(crab.call("whoami", Map.of()).get("reachedBy").asText()).isEqualTo("inbox");

      long first = send(eel, crabId, "Are you there?");
      Eventually.eventually("it is posted", () -> posts.size() == 1);
      List<String> lines = posts.get(0);
      assertThat(lines).hasSize(2);
      JsonNode auth = World.JSON.readTree(lines.get(0));
      assertThat(auth.get("type").asText()).isEqualTo("auth");
      assertThat(auth.get("token").asText()).isEqualTo("a \"secret\"");
      String content = World.JSON.readTree(lines.get(1)).at("/message/content").asText();
      assertThat(content)
          .startsWith("<cross-session-message from-name=\"eel\">")
          .contains("> Are you there?", "(message " + first + ";");
      assertThat(state(eel, first)).isEqualTo("offered");

      crab.call(
          "send_message", Map.of("targetPeerId", eel.id(), "message", "Yes", "inReplyTo", first));
      assertThat(state(eel, first)).isEqualTo("delivered");

      // The next broker does not post again what was posted, and goes on with what comes.
      long second = send(eel, crabId, "And now?");
      Eventually.eventually("it is posted too", () -> posts.size() == 2);
      world.killBroker();
      long third = send(eel, crabId, "And after that?");
      Eventually.eventually("the last is posted", () -> posts.size() >= 3);
      assertThat(posts.get(2).get(1)).contains("(message " + third + ";").contains("after that");
      assertThat(posts).hasSize(3);
      assertThat(state(eel, second)).isIn("offered", "queued");
      assertThat(crab.received()).noneMatch(m -> m.toString().contains("peers_"));
      assertThat(world.log()).doesNotContain("secret");
    }
  }

  @Test
  void nothingIsPostedUnlessTheUserAskedForIt() throws IOException {
    try (ServerSocketChannel inbox = listen(world.file("inbox.sock"))) {
      RawSession eel = world.join("eel");
      RawSession crab = world.join("crab", inbox(inbox, "off"));
      String crabId = crab.id();
      send(eel, crabId, "Are you there?");
      assertThat(crab.call("whoami", Map.of()).at("/mail/0/message").asText())
          .isEqualTo("Are you there?");
      assertThat(posts).isEmpty();
    }
  }

  @Test
  void withAnInboxThatIsGoneMailComesByAnotherWay() throws IOException {
    ServerSocketChannel inbox = listen(world.file("inbox.sock"));
    RawSession eel = world.join("eel");
    RawSession crab = world.join("crab", inbox(inbox, "on"));
    String crabId = crab.id();
    inbox.close();

    // Any answer may carry what has not been posted by then.
    List<Long> sent = new ArrayList<>();
    List<Long> received = new ArrayList<>();
    Eventually.eventually(
        "the inbox is given up",
        () -> {
          sent.add(send(eel, crabId, "Are you there?"));
          JsonNode self = crab.call("whoami", Map.of());
          self.path("mail").forEach(mail -> received.add(mail.get("id").asLong()));
          return self.get("reachedBy").asText().equals("piggyback");
        });
    crab.call("check_messages", Map.of())
        .get("messages")
        .forEach(message -> received.add(message.get("id").asLong()));
    assertThat(received).containsExactlyInAnyOrderElementsOf(sent);
  }

  private static long send(RawSession from, String to, String text) {
    return from.call("send_message", Map.of("targetPeerId", to, "message", text))
        .get("messageId")
        .asLong();
  }

  private static String state(RawSession asking, long message) {
    return asking.call("message_status", Map.of("messageId", message)).get("state").asText();
  }

  private static Map<String, String> inbox(ServerSocketChannel inbox, String setting)
      throws IOException {
    return Map.of(
        "CLAUDE_PEERS_INBOX",
        setting,
        "CLAUDE_CODE_MESSAGING_SOCKET",
        inbox.getLocalAddress().toString(),
        "CLAUDE_CODE_MESSAGING_TOKEN",
        "a \"secret\"");
  }

  /** Notes the lines of each connection. */
  private ServerSocketChannel listen(Path socket) throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(socket));
    Thread thread =
        new Thread(
            () -> {
              while (server.isOpen()) {
                try (SocketChannel channel = server.accept();
                    BufferedReader reader =
                        new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8))) {
                  posts.add(reader.lines().toList());
                } catch (IOException | UncheckedIOException e) {
                  return;
                }
              }
            },
            "test-inbox");
    thread.setDaemon(true);
    thread.start();
    return server;
  }
}
