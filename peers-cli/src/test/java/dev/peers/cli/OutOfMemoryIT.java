package dev.peers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peers.tck.Eventually;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A broker whose memory is exhausted, here by a summarizer of somebody else's. */
class OutOfMemoryIT {
  private final World world = new World();

  @AfterEach
  void end() {
    world.close();
  }

  @Test
  void itIsReplacedAndSessionsGoOn() throws Exception {
    Path done = world.file("done");
    Path jar =
        new ForeignJar(world.directory("jars"))
            .provider(
                "SummarizerProvider",
                "Greedy",
                "public String name() { return \"greedy\"; }"
                    + " public boolean available(java.util.Map<String, String> s) { return true; }"
                    + " public Summarizer create(java.util.Map<String, String> s) {"
                    + " return context -> {"
                    // In the broker's directory, which is the home.
                    + " java.io.File done = new java.io.File(\"done\");"
                    + " try { if (!done.createNewFile()) return java.util.Optional.empty();"
                    + " } catch (java.io.IOException e) { return java.util.Optional.empty(); }"
                    + " java.util.List<byte[]> all = new java.util.ArrayList<>();"
                    + " try { while (true) all.add(new byte[1 << 20]); }"
                    + " catch (OutOfMemoryError e) { return java.util.Optional.of(\"\" + e); } };"
                    + " }");
    world.with("CLAUDE_PEERS_SUMMARIZER", "greedy").with("CLAUDE_PEERS_WITH", jar.toString());
    RawSession eel = world.join("eel");
    String id = eel.id();
    RawSession crab = world.join("crab", Map.of("CLAUDE_PEERS_CHANNEL", "off"));
    String crabId = crab.id();

    Eventually.eventually("its memory was exhausted", () -> Files.exists(done));
    Eventually.eventually(
        "its last words are in the log", () -> world.log().contains("OutOfMemoryError"));

    eel.call("send_message", Map.of("targetPeerId", crabId, "message", "still there?"));
    JsonNode mail = crab.call("check_messages", Map.of()).get("messages");
    assertThat(mail.findValuesAsText("message")).containsExactly("still there?");
    assertThat(List.of(eel.id(), crab.id())).containsExactly(id, crabId);
    assertThat(world.log()).contains("Terminating due to java.lang.OutOfMemoryError");
  }
}
