package dev.peers.mcp.tool;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.peers.ErrorCode;
import dev.peers.MessageId;
import dev.peers.PeersException;
import dev.peers.mcp.Gateway;
import dev.peers.tck.FuzzContract;
import java.io.IOException;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

class ToolArgumentsFuzzTest implements FuzzContract {
  private final ObjectMapper mapper = Gateway.mapper();

  @Override
  public Stream<byte[]> seeds() {
    return FuzzContract.texts(
        "{\"a\":\"text\",\"b\":7}",
        "{\"b\":\" 7 \"}",
        "{\"a\":1.5,\"b\":99999999999999999999}",
        "{\"a\":[],\"b\":{}}",
        "{\"c\":true,\"b\":null}",
        "{\"a\":\"\\ud83d\",\"b\":\"\"}");
  }

  @Override
  @MethodSource("seeds")
  @FuzzTest
  public void holds(byte[] input) {
    Map<String, Object> given = given(input);
    ToolArguments arguments = new ToolArguments("tool", given);
    String text = orRefused(() -> arguments.text("a", "c"));
    assertThat(text == null || given.containsKey("a") || given.containsKey("c")).isTrue();
    MessageId id = orRefused(() -> arguments.messageId("b").orElse(null));
    assertThat(id == null || MessageId.parse(id.toString()).equals(id)).isTrue();
  }

  private static <T> T orRefused(Supplier<T> read) {
    try {
      return read.get();
    } catch (PeersException e) {
      assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
      return null;
    }
  }

  @SuppressWarnings("unchecked")
  private Map<String, Object> given(byte[] input) {
    try {
      Map<String, Object> given = mapper.readValue(input, Map.class);
      return given == null ? Map.of() : given;
    } catch (IOException e) {
      return Map.of();
    }
  }
}
