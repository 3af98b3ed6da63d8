package dev.peers.mcp.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peers.Position;
import dev.peers.ProcessRef;
import dev.peers.SessionKey;
import dev.peers.mcp.link.Client;
import dev.peers.mcp.link.Hello;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

class ChannelDetectionTest {
  @Test
  void isOnWhereTheAgentWasStartedWithOurChannel() {
    for (String arguments :
        new String[] {
          "--dangerously-load-development-channels server:claude-peers",
          "--dangerously-load-development-channels=server:claude-peers",
          "--resume --channels server:other server:claude-peers --verbose",
          "--channels plugin:claude-peers@market",
          "--channels plugin:peers@market",
          "--channels plugin:peers",
          "--channels=server:other,plugin:peers:claude-peers",
        }) {
      assertThat(ChannelDetection.fromArguments(List.of(arguments.split(" "))))
          .as(arguments)
          .isEqualTo(ChannelDetection.ON);
    }
  }

  @Test
  void isOffWhereItWasStartedInAnyOtherWay() {
    for (String arguments :
        new String[] {
          "",
          "--channels server:other",
          "--channels --verbose server:claude-peers",
          "-p server:claude-peers",
          "--channels",
          "--channels plugin:claude-peers-of-another@market",
          "--channels plugin:peersonal@market",
          "-p --channels=server:claude-peers-too",
        }) {
      assertThat(ChannelDetection.fromArguments(List.of(arguments.split(" "))))
          .as(arguments)
          .isEqualTo(ChannelDetection.OFF);
    }
  }

  @Test
  void isUnknownForClaudeCodeAloneAndOnlyWhereItsStartCannotBeRead() {
    Hello hidden = hello(0, "auto");
    assertThat(ChannelDetection.of(hidden, Client.CLAUDE_CODE)).isEqualTo(ChannelDetection.UNKNOWN);
    for (Client other : new Client[] {Client.CODEX, Client.CRUSH, Client.OTHER}) {
      assertThat(ChannelDetection.of(hidden, other))
          .as("%s", other)
          .isEqualTo(ChannelDetection.OFF);
    }
  }

  @Test
  void isWhatTheUserSaysForAnyClient() {
    for (Client client : Client.values()) {
      assertThat(ChannelDetection.of(hello(0, "on"), client)).isEqualTo(ChannelDetection.ON);
      assertThat(ChannelDetection.of(hello(0, "OFF"), client)).isEqualTo(ChannelDetection.OFF);
    }
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aClaudeCodeThatWasStartedWithoutTheFlagHasNoChannel() throws IOException {
    // This program stands for the agent, and one that it starts for its relay.
    Process relay = new ProcessBuilder("sleep", "60").start();
    try {
      assertThat(ChannelDetection.of(hello(relay.pid(), "auto"), Client.CLAUDE_CODE))
          .isEqualTo(ChannelDetection.OFF);
    } finally {
      relay.destroyForcibly();
    }
  }

  @Test
  void knowsClientsByTheNameThatTheyGiveThemselves() {
    assertThat(Client.named("claude-code")).isEqualTo(Client.CLAUDE_CODE);
    assertThat(Client.named("codex-mcp-client")).isEqualTo(Client.CODEX);
    assertThat(Client.named("crush")).isEqualTo(Client.CRUSH);
    assertThat(Client.named("claude-code-of-another")).isEqualTo(Client.OTHER);
    assertThat(Client.named("")).isEqualTo(Client.OTHER);
    assertThat(Client.named(null)).isEqualTo(Client.OTHER);
  }

  private static Hello hello(long relay, String channel) {
    return new Hello(
        "instance",
        new SessionKey("key"),
        new ProcessRef(relay == 0 ? ProcessHandle.current().pid() : relay, null),
        relay == 0 ? 0 : ProcessHandle.current().pid(),
        null,
        "/",
        false,
        Position.START,
        false,
        false,
        Map.of("CLAUDE_PEERS_CHANNEL", channel));
  }
}
