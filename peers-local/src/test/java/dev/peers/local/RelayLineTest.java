package dev.peers.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RelayLineTest {
  static RelayLine[] lines() {
    return new RelayLine[] {
      new RelayLine.StepDown("1.2.3"),
      new RelayLine.StepDown(""),
      new RelayLine.Stop(),
      new RelayLine.Call(7),
      new RelayLine.Written("\"a}b\""),
      new RelayLine.Written("12"),
      new RelayLine.InboxFailed(),
      new RelayLine.Pushed("", 5),
      new RelayLine.Pushed("store", Long.MAX_VALUE),
      new RelayLine.InboxPost("", 0, "{\"type\":\"user\",\"store\":\"no\"}"),
      new RelayLine.InboxPost("store", 9, "{\"a\":{\"post\":1}}"),
      new RelayLine.Superseded(),
    };
  }

  @ParameterizedTest
  @MethodSource("lines")
  void readsWhatItWrites(RelayLine line) {
    assertThat(RelayLine.read(line.bytes())).isEqualTo(line);
    assertThat(line.bytes()).endsWith('\n');
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"peers_call\":}",
        "{\"peers_call\":1",
        "{\"peers_pushed\":",
        "{\"peers_pushed\":x}",
        "{\"peers_inbox\":3}",
        "{\"peers_inbox\":3,\"post\":",
        "{\"peers_written\":1",
        "{\"peers_tomorrow\":1}",
      })
  void keepsWhatItDoesNotUnderstandFromTheAgent(String line) {
    assertThat(RelayLine.read(utf8(line))).isEqualTo(new RelayLine.Unknown());
  }

  @Test
  void leavesOtherLinesAlone() {
    assertThat(RelayLine.read(utf8("{\"jsonrpc\":\"2.0\",\"method\":\"peers_call\"}"))).isNull();
    assertThat(RelayLine.read(utf8("{\"peers_hello\":1,\"instance\":\"i\"}"))).isNull();
    assertThat(RelayLine.read(utf8(""))).isNull();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
