package dev.peers.mcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ChannelSettingTest {
  @Test
  void isOnWhereTheAgentWasStartedWithOurChannel() {
    for (String arguments :
        new String[] {
          "--dangerously-load-development-channels server:claude-peers",
          "--dangerously-load-development-channels=server:claude-peers",
          "--resume --channels server:other server:claude-peers --verbose",
          "--channels plugin:claude-peers@market",
        }) {
      assertThat(ChannelSetting.fromArguments(List.of(arguments.split(" "))))
          .as(arguments)
          .isEqualTo(ChannelSetting.ON);
    }
  }

  @Test
  void cannotBeToldFromAnythingElse() {
    for (String arguments :
        new String[] {
          "",
          "--channels server:other",
          "--channels --verbose server:claude-peers",
          "-p server:claude-peers",
          "--channels",
        }) {
      assertThat(ChannelSetting.fromArguments(List.of(arguments.split(" "))))
          .as(arguments)
          .isEqualTo(ChannelSetting.UNKNOWN);
    }
  }
}
