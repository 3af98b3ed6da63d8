package dev.peers.server.http;

import static dev.peers.tck.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peers.MessageId;
import dev.peers.MessageState;
import java.net.http.HttpRequest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Requests as clients of the original broker send them, token-less, and the answers they expect.
 */
class OriginalProtocolTest {
  private final HttpWorld world = new HttpWorld(null);

  @AfterEach
  void close() {
    world.close();
  }

  @Test
  void processesOfOtherNamespacesDoNotEvictEachOther() throws Exception {
    // The number of a process in a container says nothing here, where no such process is.
    String body =
        "{\"pid\":4194399,\"cwd\":\"/code/eel\",\"git_root\":null,\"tty\":null,\"summary\":\"\"}";
    String one = world.call("/register", body).get("id").textValue();
    String two = world.call("/register", body).get("id").textValue();

    assertThat(one).isNotEqualTo(two);
    assertThat(world.call("/list-peers", "{\"scope\":\"machine\",\"cwd\":\"/\",\"git_root\":null}"))
        .hasSize(2);
  }

  @Test
  void registersListsAndUnregisters() throws Exception {
    long pid = ProcessHandle.current().pid();
    JsonNode first =
        world.call(
            "/register",
            """
            {"pid":%d,"cwd":"/code/eel/src","git_root":"/code/eel","tty":"pts/3","summary":"reads"}
            """
                .formatted(pid));
    String id = first.get("id").textValue();
    assertThat(id).matches("eel-[a-z2-9]{4}");
    assertThat(first.get("key").textValue()).hasSize(64);
    String other = join("/code/owl");

    JsonNode rows =
        world.call(
            "/list-peers",
            """
            {"scope":"machine","cwd":"/","git_root":null,"exclude_id":"%s"}
            """
                .formatted(other));
    assertThat(rows.isArray()).isTrue();
    assertThat(rows).hasSize(1);
    JsonNode row = rows.get(0);
    assertThat(row.get("id").textValue()).isEqualTo(id);
    assertThat(row.get("pid").longValue()).isEqualTo(pid);
    assertThat(row.get("cwd").textValue()).isEqualTo("/code/eel/src");
    assertThat(row.get("git_root").textValue()).isEqualTo("/code/eel");
    assertThat(row.get("tty").textValue()).isEqualTo("pts/3");
    assertThat(row.get("summary").textValue()).isEqualTo("reads");
    assertThat(Instant.parse(row.get("registered_at").textValue())).isBefore(Instant.now());
    assertThat(Instant.parse(row.get("last_seen").textValue())).isBefore(Instant.now());
    List<String> names = new ArrayList<>();
    row.fieldNames().forEachRemaining(names::add);
    assertThat(names).doesNotContain("key", "session_key", "token");

    assertThat(ids("{\"scope\":\"directory\",\"cwd\":\"/code/owl\",\"git_root\":null}"))
        .containsExactly(other);
    assertThat(ids("{\"scope\":\"repo\",\"cwd\":\"/code/eel/x\",\"git_root\":\"/code/eel\"}"))
        .containsExactly(id);
    assertThat(ids("{\"scope\":\"repo\",\"cwd\":\"/code/owl\",\"git_root\":null}"))
        .containsExactly(other);

    assertThat(world.call("/unregister", "{\"id\":\"" + id + "\"}").toString())
        .isEqualTo("{\"ok\":true}");
    assertThat(ids("{\"scope\":\"machine\",\"cwd\":\"/\",\"git_root\":null}"))
        .containsExactly(other);
  }

  @Test
  void keepsTheMailboxOfAProcessThatRegistersAgain() throws Exception {
    String body = "{\"pid\":" + ProcessHandle.current().pid() + ",\"cwd\":\"/code/eel\"}";
    String id = world.call("/register", body).get("id").textValue();
    assertThat(send("cli", id, "kept").get("ok").booleanValue()).isTrue();
    assertThat(world.call("/register", body).get("id").textValue()).isEqualTo(id);
    assertThat(poll(id)).containsExactly("kept");
  }

  @Test
  void sendsAndPolls() throws Exception {
    String eel = join("/code/eel");
    String owl = join("/code/owl");
    JsonNode sent = send(eel, owl, "hello\n\"owl\" 🙂");
    assertThat(sent.get("ok").booleanValue()).isTrue();

    JsonNode messages = world.call("/poll-messages", "{\"id\":\"" + owl + "\"}").get("messages");
    assertThat(messages).hasSize(1);
    JsonNode message = messages.get(0);
    assertThat(message.get("id").longValue()).isEqualTo(sent.get("id").longValue());
    assertThat(message.get("from_id").textValue()).isEqualTo(eel);
    assertThat(message.get("to_id").textValue()).isEqualTo(owl);
    assertThat(message.get("text").textValue()).isEqualTo("hello\n\"owl\" 🙂");
    assertThat(message.get("sent_at").textValue()).isEqualTo(sent.get("sent_at").textValue());
    assertThat(message.get("delivered").intValue()).isZero();

    MessageId id = new MessageId(sent.get("id").longValue());
    eventually(
        "the answer counts as the delivery",
        () -> world.broker.receipt(id).orElseThrow().state() == MessageState.DELIVERED);
    assertThat(poll(owl)).isEmpty();
    JsonNode status = world.call("/message-status", "{\"message_id\":" + id + "}");
    assertThat(status.get("state").textValue()).isEqualTo("delivered");
  }

  @Test
  void answersUnknownPeersWithOkFalse() throws Exception {
    String eel = join("/code/eel");
    JsonNode sent = send(eel, "ghost-2222", "anyone?");
    assertThat(sent.get("ok").booleanValue()).isFalse();
    assertThat(sent.get("error").textValue()).contains("ghost-2222");
    JsonNode beat = world.call("/heartbeat", "{\"id\":\"ghost-2222\"}");
    assertThat(beat.get("ok").booleanValue()).isFalse();
    assertThat(beat.get("error").textValue()).isNotBlank();
    assertThat(world.call("/heartbeat", "{\"id\":\"" + eel + "\"}").toString())
        .isEqualTo("{\"ok\":true}");
    assertThat(
            world.call("/set-summary", "{\"id\":\"" + eel + "\",\"summary\":\"tests\"}").toString())
        .isEqualTo("{\"ok\":true}");
  }

  @Test
  void takesMessagesOfTheOriginalsCommandLineAsTheOperators() throws Exception {
    String eel = join("/code/eel");
    assertThat(send("cli", eel, "from a human").get("ok").booleanValue()).isTrue();
    assertThat(
            world
                .call("/poll-messages", "{\"id\":\"" + eel + "\"}")
                .at("/messages/0/from_id")
                .textValue())
        .isEqualTo("operator");
  }

  @Test
  void tellsItsHealthAndStopsWhenAsked() throws Exception {
    join("/code/eel");
    JsonNode health =
        HttpWorld.JSON.readTree(world.send(HttpRequest.newBuilder(world.uri("/health"))).body());
    assertThat(health.get("status").textValue()).isEqualTo("ok");
    assertThat(health.get("peers").intValue()).isEqualTo(1);
    assertThat(health.get("service").textValue()).isEqualTo("claude-peers");
    assertThat(health.get("protocol").intValue()).isEqualTo(1);
    assertThat(health.get("version").textValue()).isNotBlank();
    assertThat(health.get("pid").longValue()).isEqualTo(ProcessHandle.current().pid());

    assertThat(world.call("/shutdown", "{}").toString()).isEqualTo("{\"ok\":true}");
    eventually("the owner is told", () -> world.shutdown.getCount() == 0);
  }

  private String join(String cwd) throws Exception {
    return world
        .call("/register", "{\"cwd\":\"" + cwd + "\",\"git_root\":null,\"tty\":null}")
        .get("id")
        .textValue();
  }

  private JsonNode send(String from, String to, String text) throws Exception {
    return world.call(
        "/send-message",
        HttpWorld.JSON
            .createObjectNode()
            .put("from_id", from)
            .put("to_id", to)
            .put("text", text)
            .toString());
  }

  private List<String> poll(String id) throws Exception {
    return world.call("/poll-messages", "{\"id\":\"" + id + "\"}").findValuesAsText("text");
  }

  private List<String> ids(String query) throws Exception {
    return world.call("/list-peers", query).findValuesAsText("id");
  }
}
