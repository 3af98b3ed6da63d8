package dev.peers.mcp.tool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peers.ErrorCode;
import dev.peers.MessageId;
import dev.peers.PeersException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ToolArgumentsTest {
  @Test
  void takesTheCanonicalNameBeforeAnAlias() {
    ToolArguments arguments =
        new ToolArguments("send_message", Map.of("text", "alias", "message", "canonical"));

    assertThat(arguments.text("message", "text")).isEqualTo("canonical");
    assertThat(arguments.text("body", "content", "text")).isEqualTo("alias");
  }

  @Test
  void takesANumberInWhateverFormAModelWritesIt() {
    for (Object id : List.of(41, 41L, "41")) {
      assertThat(new ToolArguments("t", Map.of("inReplyTo", id)).messageId("inReplyTo"))
          .contains(new MessageId(41));
    }
    assertThat(new ToolArguments("t", Map.of("inReplyTo", " ")).messageId("inReplyTo")).isEmpty();
  }

  @Test
  void saysWhatIsMissingOrOfTheWrongKind() {
    assertThatThrownBy(() -> new ToolArguments("set_summary", Map.of()).text("summary", "text"))
        .isInstanceOfSatisfying(
            PeersException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessage("set_summary needs the argument 'summary', a text");
    assertThatThrownBy(() -> new ToolArguments("t", Map.of("to", List.of("a"))).text("to"))
        .hasMessage("t: the argument 'to' must be a text");
    assertThatThrownBy(() -> new ToolArguments("t", Map.of("n", "soon")).messageId("n"))
        .isInstanceOf(PeersException.class);
  }
}
