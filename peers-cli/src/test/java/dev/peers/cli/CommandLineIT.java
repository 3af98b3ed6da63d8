package dev.peers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peers.local.BrokerInfo;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The packaged {@code peers} command. */
class CommandLineIT {
  private final World world = new World();

  @AfterEach
  void end() {
    world.close();
  }

  @Test
  void aRotatedTokenLocksOutWhoKnowsTheFormer() throws IOException, InterruptedException {
    RawSession eel = world.join("eel");
    RawSession owl = world.join("owl");
    String former = Files.readString(world.files().token()).strip();
    URI list = BrokerInfo.read(world.files().lock()).orElseThrow().address().resolve("/list-peers");
    assertThat(statusWith(former, list)).isEqualTo(200);

    World.Result rotated = world.peers("token", "rotate");

    assertThat(rotated.err()).isEmpty();
    assertThat(rotated.code()).isZero();
    assertThat(statusWith(former, list)).isEqualTo(401);
    String present = Files.readString(world.files().token()).strip();
    assertThat(statusWith(present, list)).isEqualTo(200);
    owl.call("send_message", Map.of("targetPeerId", eel.id(), "message", "Still here?"));
    eel.awaitPush("Still here?");
    assertThat(world.peers("status").code()).isZero();
  }

  private static int statusWith(String token, URI address)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(address)
            .header("Authorization", "Bearer " + token)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString("{\"scope\":\"machine\"}"))
            .build();
    return HttpClient.newHttpClient()
        .send(request, HttpResponse.BodyHandlers.discarding())
        .statusCode();
  }

  @Test
  void aConversationWithTheOperator() {
    RawSession eel = world.join("eel");

    World.Result sent = world.peers("send", eel.id(), "Are the nets mended?");

    assertThat(sent.code()).isZero();
    assertThat(sent.out()).matches("Sent #\\d+ to eel-[a-z2-9]{4}\\.\n");
    JsonNode push = eel.awaitPush("Are the nets mended?");
    assertThat(push.get("content").asText()).startsWith("📨 Message from peer operator (höme):\n");
    assertThat(push.at("/meta/from_id").asText()).isEqualTo("operator");
    JsonNode reply =
        eel.call(
            "send_message",
            Map.of(
                "targetPeerId", "operator",
                "message", "Nearly.\nOne \u001b[31mhole\u001b[0m left",
                "inReplyTo", push.at("/meta/message_id").asText()));
    assertThat(reply.get("message").asText())
        .isEqualTo("The operator reads messages with 'peers inbox'.");
    assertThat(world.peers("status").out()).contains("1 unread: 'peers inbox'");

    World.Result inbox = world.peers("inbox");

    assertThat(inbox.code()).isZero();
    assertThat(inbox.out())
        .startsWith("#" + reply.get("messageId") + " from " + eel.id() + " (eel) at ")
        .contains(", a reply to " + push.at("/meta/message_id").asText())
        .contains("\n  Nearly.\n  One \uFFFD[31mhole\uFFFD[0m left\n");
    assertThat(world.peers("inbox").out()).isEqualTo("No messages.\n");
  }

  @Test
  void aConversationInJson() {
    RawSession eel = world.join("eel", Map.of("CLAUDE_PEERS_NAME", "Ada"));

    JsonNode sent =
        world.peersIn(world.home(), "From a pipe\n", "send", "Ada", "-", "--json").json();

    assertThat(sent.get("ok").asBoolean()).isTrue();
    assertThat(sent.get("to_id").asText()).isEqualTo(eel.id());
    assertThat(eel.awaitPush("From a pipe").at("/meta/message_id").asText())
        .isEqualTo(sent.get("id").asText());
    eel.call("send_message", Map.of("targetPeerId", "operator", "message", "Aye"));
    JsonNode inbox = world.peers("inbox", "--json").json();
    assertThat(inbox.get("remaining").asInt()).isZero();
    JsonNode message = inbox.at("/messages/0");
    assertThat(message.get("from_id").asText()).isEqualTo(eel.id());
    assertThat(message.get("from_name").asText()).isEqualTo("Ada");
    assertThat(message.get("text").asText()).isEqualTo("Aye");
    JsonNode peers = world.peers("peers", "--json").json();
    assertThat(peers).hasSize(1);
    assertThat(peers.at("/0/id").asText()).isEqualTo(eel.id());
    assertThat(peers.at("/0/presence").asText()).isEqualTo("active");
    JsonNode status = world.peers("status", "--json").json();
    assertThat(status.get("status").asText()).isEqualTo("ok");
    assertThat(status.get("active_peers").asInt()).isEqualTo(1);
    assertThat(status.get("pid").asLong()).isEqualTo(world.brokerPid().orElseThrow());
  }

  @Test
  void showsTheHistoryAndFollowsIt() throws Exception {
    RawSession eel = world.join("eel");
    RawSession crab = world.join("crab");
    String crabId = crab.id();
    eel.call("send_message", Map.of("targetPeerId", crabId, "message", "one\ntwo"));
    crab.call("check_messages", Map.of());
    eel.call("send_message", Map.of("targetPeerId", "operator", "message", "three"));

    World.Result log = world.peers("log");
    assertThat(log.code()).isZero();
    assertThat(log.out())
        .matches(
            "(?s)#1 \\S+Z eel-\\S+ to crab-\\S+, delivered \\S+Z\n  one\n  two\n"
                + "#2 \\S+Z eel-\\S+ to operator, queued\n  three\n");
    assertThat(world.peers("log", "--peer", crabId).out()).contains("two").doesNotContain("three");
    assertThat(world.peers("log", "--since", "1h", "--limit", "1").out()).contains("one", "three");
    assertThat(world.peers("log", "-n", "1").out()).contains("three").doesNotContain("one");
    JsonNode first =
        World.JSON.readTree(world.peers("log", "--json").out().lines().findFirst().get());
    assertThat(first.get("id").asInt()).isEqualTo(1);
    assertThat(first.get("to_id").asText()).isEqualTo(crabId);
    assertThat(first.get("state").asText()).isEqualTo("delivered");
    assertThat(first.get("text").asText()).isEqualTo("one\ntwo");
    assertThat(world.peers("log", "--since", "yesterday").code()).isEqualTo(2);

    ProcessBuilder follow = new ProcessBuilder(world.executable("peers").toString(), "log", "-f");
    follow.environment().clear();
    follow.environment().putAll(world.environment());
    follow.redirectError(ProcessBuilder.Redirect.DISCARD);
    Process process = follow.start();
    try (var lines = process.inputReader(StandardCharsets.UTF_8)) {
      List<String> seen = new ArrayList<>();
      while (!seen.contains("  three")) {
        seen.add(lines.readLine());
      }
      world.killBroker();
      JsonNode four = eel.call("send_message", Map.of("targetPeerId", crabId, "message", "four"));
      while (!seen.contains("  four")) {
        seen.add(lines.readLine());
      }
      crab.call("check_messages", Map.of());
      String read = "#" + four.get("messageId") + " delivered ";
      while (seen.stream().noneMatch(line -> line.startsWith(read))) {
        seen.add(lines.readLine());
      }
    } finally {
      process.destroy();
      process.waitFor();
    }
  }

  @Test
  void listsByScope() throws IOException {
    Path repository = world.directory("harbour");
    Files.createDirectories(repository.resolve(".git"));
    Files.writeString(repository.resolve(".git/HEAD"), "ref: refs/heads/main\n");
    RawSession eel = world.join("harbour/src");
    RawSession crab = world.join("crab");

    assertThat(world.peers("peers").out()).contains(eel.id(), crab.id(), "main", "harbour");
    assertThat(world.peersIn(repository, "", "peers", "--scope", "repo").out())
        .contains(eel.id())
        .doesNotContain(crab.id());
    assertThat(world.peersIn(repository, "", "peers", "--scope", "directory").out())
        .startsWith("No active peers here. Start an agent");
  }

  @Test
  void wrongUsageIsToldAndEndsWithTwo() {
    for (List<String> command :
        List.of(
            List.<String>of(),
            List.of("nonsense"),
            List.of("help", "send"),
            List.of("help", "nonsense"),
            List.of("token", "zork"),
            List.of("completion", "zork"),
            List.of("send", "eel"),
            List.of("status", "--colour"),
            List.of("peers", "--scope", "planet"),
            List.of("broker", "--port", "70000"),
            List.of("broker", "--port", "x"))) {
      World.Result result = world.peers(command.toArray(String[]::new));
      assertThat(result.code()).as(command.toString()).isEqualTo(2);
      assertThat(result.out()).as(command.toString()).isEmpty();
      assertThat(result.err()).as(command.toString()).startsWith("peers: ").contains("--help");
    }
  }

  @Test
  void aCommandThatIsNotThereIsToldWithThoseThatAre() {
    assertThat(world.peers("nonsense").err())
        .startsWith("peers: no command of 'peers' is called 'nonsense'; expected one of: status, ");
    assertThat(world.peers("help", "send").err()).contains("'peers COMMAND --help'", "send");
    assertThat(world.peers("token", "zork").err()).contains("expected one of: rotate");
    assertThat(world.peers("completion", "zork").err()).contains("expected one of: bash, zsh");
    assertThat(world.peers("completion", "zsh").out())
        .isEqualTo(world.peers("completion").out())
        .isNotBlank();
  }

  @Test
  void everyCommandHasHelp() {
    for (String command :
        List.of(
            "status",
            "peers",
            "watch",
            "send",
            "inbox",
            "log",
            "forget",
            "broker",
            "kill-broker",
            "backup",
            "restore",
            "token",
            "install",
            "uninstall",
            "prepare",
            "doctor",
            "mcp",
            "demo")) {
      World.Result result = world.peers(command, "--help");
      assertThat(result.code()).as(command).isZero();
      assertThat(result.out()).as(command).startsWith("Usage: peers " + command).contains("--json");
      assertThat(result.out())
          .as(command)
          .contains("Exit codes:", "Examples:\n  ")
          .doesNotContain("\u001b");
    }
  }

  @Test
  void theManualHasEveryCommandAndNothingThatIsNoRoff() throws IOException {
    Path manual = world.executable("peers").resolveSibling("../share/man/man1/peers.1");
    List<String> lines = Files.readAllLines(manual);

    assertThat(lines)
        .contains(".SS peers log [options]", ".SS peers send [options] PEER MESSAGE")
        .anyMatch(line -> line.startsWith(".SS peers token rotate"))
        .noneMatch(line -> line.contains("%n") || line.startsWith("'"));
    assertThat(lines.stream().filter(line -> line.startsWith(".")))
        .allMatch(line -> line.matches("\\.(TH|SH|SS|PP|TP|B|I|EX|EE)( .*)?"));
  }

  @Test
  void withoutABrokerStatusSaysSoAndStartsNone() {
    World.Result status = world.peers("status", "--json");

    assertThat(status.code()).isEqualTo(1);
    assertThat(status.json().get("status").asText()).isEqualTo("down");
    World.Result kill = world.peers("kill-broker");
    assertThat(kill.code()).isZero();
    assertThat(kill.out()).isEqualTo("No broker is running.\n");
    assertThat(world.file(".claude-peers.db")).doesNotExist();
  }

  @Test
  void aCommandThatCannotPrintFails() {
    world.join("eel");
    String peers = world.executable("peers").toString();
    for (String command : List.of("status", "peers --json", "--help", "inbox")) {
      World.Result result =
          world.run(
              List.of("sh", "-c", "\"$0\" " + command + " >/dev/full", peers), world.home(), "");
      assertThat(result.code()).as(command).isEqualTo(1);
      assertThat(result.err()).as(command).startsWith("peers: the output ");
    }
  }

  @Test
  void whatOthersWriteStaysInItsPlace() {
    RawSession eel = world.join("eel");
    eel.call("set_summary", Map.of("summary", "fine\n  fake-2222  /root \u202e\u009b2J"));

    World.Result text = world.peers("status");
    World.Result json = world.peers("status", "--json");

    assertThat(text.out().lines().filter(line -> line.contains("fake-2222")))
        .singleElement()
        .asString()
        .contains("fine fake-2222 /root");
    assertThat(text.out() + json.out()).doesNotContain("\u202e", "\u009b");
    assertThat(world.peers("send", eel.id(), "@/etc/hostname").code()).isZero();
    assertThat(eel.awaitPush("@/etc/hostname")).isNotNull();
  }

  @Test
  void anAnswerToAMessageThatTheOperatorNeverSawIsRefused() {
    RawSession eel = world.join("eel");
    RawSession owl = world.join("owl");
    JsonNode foreign = eel.call("send_message", Map.of("targetPeerId", owl.id(), "message", "?"));

    World.Result unknown = world.peers("send", eel.id(), "--reply-to", "99999", "Yes");
    World.Result notOurs =
        world.peers("send", eel.id(), "--reply-to", foreign.get("messageId").asText(), "Yes");

    assertThat(unknown.code()).isEqualTo(1);
    assertThat(unknown.err()).contains("no message has the id 99999");
    assertThat(notOurs.code()).isEqualTo(1);
    assertThat(notOurs.err()).contains("was neither sent nor received by 'operator'");
    assertThat(eel.call("check_messages", Map.of()).get("messages")).isEmpty();
  }

  @Test
  void standardInputThatIsNotTextIsRefused() throws IOException, InterruptedException {
    RawSession eel = world.join("eel");
    Path binary = world.file("binary");

    for (byte[] bytes : new byte[][] {{'a', (byte) 0xff, (byte) 0xfe}, {'a', 0, 'b'}}) {
      Files.write(binary, bytes);
      World.Result result =
          world.run(
              List.of(
                  "sh",
                  "-c",
                  "exec '"
                      + world.executable("peers")
                      + "' send "
                      + eel.id()
                      + " - <'"
                      + binary
                      + "'"),
              world.home(),
              "");

      assertThat(result.code()).isEqualTo(1);
      assertThat(result.err()).contains("standard input is not text").contains("send its path");
    }
    assertThat(eel.call("check_messages", Map.of()).get("messages")).isEmpty();
  }

  @Test
  void anUnknownPeerFailsAndSendsNothing() {
    World.Result result = world.peers("send", "nobody", "Hello?");

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.out()).isEmpty();
    assertThat(result.err()).startsWith("peers: no peer is called 'nobody'");
    World.Result forgotten = world.peers("forget", "nobody");
    assertThat(forgotten.code()).isEqualTo(1);
    assertThat(forgotten.err())
        .isEqualTo("peers: no peer is called 'nobody'; no other peer is active\n");
    assertThat(world.peers("send", "operator", " ").err())
        .isEqualTo("peers: the message is empty\n");
  }

  @Test
  void theBrokerInTheForegroundIsTheOnlyOneAndStopsOnDemand() throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(world.executable("peers").toString(), "broker", "--port", "0", "--json");
    builder.environment().clear();
    builder.environment().putAll(world.environment());
    builder.redirectError(ProcessBuilder.Redirect.DISCARD);
    Process broker = builder.start();
    String card = broker.inputReader().readLine();
    assertThat(new World.Result(0, card, "").json().get("address").asText())
        .startsWith("http://127.0.0.1:");

    World.Result second = world.peers("broker");
    World.Result stopped = world.peers("kill-broker", "--json");

    assertThat(second.code()).isEqualTo(1);
    assertThat(second.err())
        .contains("is running already (process " + broker.pid() + " at http://127.0.0.1:");
    assertThat(stopped.json().get("pid").asLong()).isEqualTo(broker.pid());
    assertThat(broker.waitFor()).isZero();
  }

  @Test
  void theDatabaseOfTheOriginalIsNamedAndLeftAsItIs() throws IOException, SQLException {
    Path database = world.file(".claude-peers.db");
    try (Connection original = DriverManager.getConnection("jdbc:sqlite:" + database);
        Statement statement = original.createStatement()) {
      statement.execute("CREATE TABLE peers (id TEXT PRIMARY KEY, pid INTEGER, cwd TEXT)");
      statement.execute("CREATE TABLE messages (id INTEGER PRIMARY KEY, text TEXT)");
    }
    byte[] before = Files.readAllBytes(database);

    World.Result refused = world.peers("peers");

    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.err()).contains(database + " is another program's", "CLAUDE_PEERS_DB");
    assertThat(database).hasBinaryContent(before);
    Files.move(database, world.file(".claude-peers.db.original"));
    assertThat(world.peers("peers").code()).isZero();
  }

  @Test
  void aTakenPortIsNamedWithTheWayOut() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      world.with("CLAUDE_PEERS_PORT", Integer.toString(taken.getLocalPort()));

      World.Result result = world.peers("peers");

      assertThat(result.code()).isEqualTo(1);
      assertThat(result.err())
          .contains("cannot listen on 127.0.0.1:" + taken.getLocalPort(), "CLAUDE_PEERS_PORT")
          .contains("\nMore: ")
          .endsWith("errors.md#unavailable\n");
      String more = result.err().substring(result.err().indexOf("More: ") + 6);
      assertThat(Path.of(more.substring(0, more.indexOf('#')))).isRegularFile();
    }
  }

  @Test
  void itsFilesAreItsOwnersAlone() throws IOException {
    world.join("eel");

    for (String file :
        List.of(
            "claude-peers.db",
            "claude-peers.token",
            "claude-peers.sock",
            "claude-peers.log",
            "claude-peers.lock")) {
      assertThat(
              PosixFilePermissions.toString(Files.getPosixFilePermissions(world.file("." + file))))
          .as(file)
          .isEqualTo("rw-------");
    }
  }

  @Test
  void aDatabasePathFarTooLongForASocketWorks() {
    Path deep = world.directory("d".repeat(100)).resolve("peers.db");
    world.with("CLAUDE_PEERS_DB", deep.toString());
    world.with("XDG_RUNTIME_DIR", world.directory("run").toString());
    RawSession eel = world.join("eel");

    assertThat(world.peers("peers").out()).contains(eel.id());
    assertThat(world.directory("run").resolve("claude-peers")).isNotEmptyDirectory();
  }
}
