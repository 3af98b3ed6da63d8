package dev.peers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peers.tck.Eventually;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The packaged executables with stores, transports and summarizers that others have written. */
class ForeignProvidersIT {
  private static final String NAME = " public String name() { return \"other\"; } ";
  private static final String OPEN = " public BrokerStore open(StoreConfig config) ";

  private final World world = new World();
  private final ForeignJar jars = new ForeignJar(world.directory("jars of others"));

  @AfterEach
  void end() {
    world.close();
  }

  @Test
  void aStoreGivenToTheBrokerKeepsAMessageThroughAKill() throws InterruptedException {
    world.with("CLAUDE_PEERS_STORE", "journal");
    String jar = jars.example("custom-store").toString();
    RunningBroker broker = RunningBroker.start(world, "--with", jar);
    RawSession eel = world.join("eel");
    Map<String, String> crabs =
        Map.of("CLAUDE_PEERS_CHANNEL", "off", "CLAUDE_CODE_SESSION_ID", "crab's");
    RawSession crab = world.join("crab", crabs);
    String crabId = crab.id();
    eel.call("send_message", Map.of("targetPeerId", crabId, "message", "written to a journal"));

    broker.process().destroyForcibly().waitFor();
    eel.close();
    crab.close();
    RunningBroker.start(world, "--with", jar);

    assertThat(world.files().database()).doesNotExist();
    RawSession again = world.join("crab", crabs);
    assertThat(again.call("check_messages", Map.of()).at("/messages/0/message").asText())
        .isEqualTo("written to a journal");
    assertThat(again.id()).isEqualTo(crabId);
  }

  @Test
  void brokersThatSessionsStartUseItAsWell() {
    world
        .with("CLAUDE_PEERS_STORE", "journal")
        .with("CLAUDE_PEERS_WITH", jars.example("custom-store").toString());
    RawSession eel = world.join("eel");
    RawSession crab = world.join("crab", Map.of("CLAUDE_PEERS_CHANNEL", "off"));
    String crabId = crab.id();
    eel.call("send_message", Map.of("targetPeerId", crabId, "message", "before"));

    world.killBroker();
    eel.call("send_message", Map.of("targetPeerId", crabId, "message", "after"));

    JsonNode messages = crab.call("check_messages", Map.of()).get("messages");
    assertThat(messages).extracting(m -> m.get("message").asText()).contains("before", "after");
    assertThat(Path.of(world.files().database() + ".journal")).isRegularFile();
    assertThat(world.files().database()).doesNotExist();
  }

  @Test
  void aPathIsMeantFromWhereTheFirstSessionRuns() throws IOException {
    Path jar = jars.example("custom-store");
    Files.copy(jar, world.directory("eel").resolve("store.jar"));
    world.with("CLAUDE_PEERS_STORE", "journal").with("CLAUDE_PEERS_WITH", "store.jar");

    assertThat(world.join("eel").id()).startsWith("eel-");
  }

  @Test
  void aTransportCarriesCommandsAndSessions() {
    world
        .with("CLAUDE_PEERS_TRANSPORT", "traced")
        .with("CLAUDE_PEERS_WITH", jars.example("custom-transport").toString());
    RawSession eel = world.join("eel", Map.of("CLAUDE_PEERS_CHANNEL", "off"));

    assertThat(world.peers("send", eel.id(), "traced").code()).isZero();

    assertThat(eel.call("check_messages", Map.of()).at("/messages/0/message").asText())
        .isEqualTo("traced");
    assertThat(world.log()).contains("served register in ", "served send in ");
  }

  @Test
  void aSummarizerSpeaksForASession() throws IOException {
    world
        .with("CLAUDE_PEERS_SUMMARIZER", "note")
        .with("CLAUDE_PEERS_WITH", jars.example("custom-summarizer").toString());
    Files.writeString(world.directory("eel").resolve(".peers-summary"), "Shedding its skin.\n");
    RawSession eel = world.join("eel");

    Eventually.eventually(
        "the summary is there",
        () -> eel.call("whoami", Map.of()).path("summary").asText().equals("Shedding its skin."));
  }

  @Test
  void aJarThatIsNotThereIsNamed() {
    assertRefused(
        2, world.file("missing.jar"), "missing.jar'; expected a jar", "no such file", "--with");
  }

  @Test
  void whatIsNoJarIsNamed() throws IOException {
    Path text = Files.writeString(world.file("notes.jar"), "no jar");

    assertRefused(2, text, "notes.jar'; expected a jar", "--with");
  }

  @Test
  void aJarWithoutTheProviderLeavesTheOthersToChooseFrom() {
    assertRefused(
        2,
        jars.example("custom-summarizer"),
        "CLAUDE_PEERS_STORE is 'other'",
        "expected one of: memory, ",
        "CLAUDE_PEERS_WITH");
  }

  @Test
  void aProviderThatCannotBeMadeSaysWhy() {
    assertRefused(
        2,
        jars.provider(
            "StoreProvider",
            "Unmade",
            "public Unmade() { throw new IllegalStateException(\"no licence\"); }"
                + (NAME + OPEN + "{ return null; }")),
        "Not loaded: ",
        "org.other.Unmade",
        "no licence");
  }

  @Test
  void aProviderOfANewerJavaSaysSo() {
    assertRefused(
        2,
        jars.providerOfNewerJava("StoreProvider", "Newer", NAME + OPEN + "{ return null; }"),
        "Not loaded: ",
        "org/other/Newer",
        "version 120");
  }

  @Test
  void aStoreThatFailsToOpenIsNamedWithThePlace() {
    assertRefused(
        1,
        jars.provider(
            "StoreProvider",
            "Failing",
            NAME + OPEN + "{ throw new IllegalStateException(\"disk on fire\"); }"),
        "the provider 'other' failed",
        "disk on fire",
        "Failing.java:1");
  }

  @Test
  void aStoreThatIsNoneIsNamed() {
    assertRefused(
        1,
        jars.provider("StoreProvider", "Empty", NAME + OPEN + "{ return null; }"),
        "the provider 'other' returned null");
  }

  /** By the command that runs a broker, and by a session that starts one. */
  private void assertRefused(int code, Path jar, String... parts) {
    world.with("CLAUDE_PEERS_STORE", "other");
    World.Result broker = world.peers("broker", "--port", "0", "--with", jar.toString());
    world.with("CLAUDE_PEERS_WITH", jar.toString());
    RawSession eel = world.start(world.directory("eel"), Map.of());
    String told = eel.initializeOnly("2025-11-25").at("/error/message").asText();

    assertThat(broker.code()).isEqualTo(code);
    assertThat(broker.out()).isEmpty();
    for (String message : new String[] {broker.err(), told}) {
      String sentence = message.strip().replaceFirst("\nMore: .*$", "");
      assertThat(sentence).contains(parts).doesNotContain("\n", "\tat ", "a defect");
    }
  }
}
