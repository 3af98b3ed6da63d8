package dev.peers.relay;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.peers.local.Json;
import dev.peers.tck.FuzzContract;
import java.io.IOException;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** The first byte says in which pieces the line arrives. */
class JsonScannerFuzzTest implements FuzzContract {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int LONGEST = 100;

  private final JsonScanner scanner = new JsonScanner();

  @Override
  public Stream<byte[]> seeds() {
    return FuzzContract.texts(
        "a{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}",
        "b{\"id\":\"a\\\"\\u00e9\\ud83d\",\"params\":{\"id\":2,\"method\":[\"x\"]}}",
        "c{\"method\":\"tools\\/call\",\"id\":-1.5e3,\"id\":null}",
        "d{\"method\":null,\"id\":{\"id\":3}}",
        "e{\"method\":12345,\"id\":[4]}",
        "f{\"\\u0069d\":5,\"m\\u0065thod\":\"\"}");
  }

  @Override
  @MethodSource("seeds")
  @FuzzTest
  public void holds(byte[] input) throws IOException {
    int piece = input.length == 0 ? 1 : 1 + (input[0] & 0x1f);
    byte[] line = input.length == 0 ? input : Arrays.copyOfRange(input, 1, input.length);
    feed(line, piece);
    JsonNode json = object(line);
    if (json == null) {
      return;
    }
    feed(JSON.writeValueAsBytes(json), piece);
    String method = json.path("method").textValue();
    if (method == null || method.length() <= LONGEST / 6) {
      assertThat(scanner.method()).isEqualTo(method);
    }
    JsonNode id = json.path("id");
    if (id.isTextual() && id.textValue().length() <= LONGEST / 6) {
      StringBuilder text = new StringBuilder();
      Json.text(text, id.textValue());
      assertThat(scanner.id()).isEqualTo(text.toString());
    } else if (id.isNumber() && id.toString().length() <= LONGEST) {
      assertThat(scanner.id()).isEqualTo(id.toString());
    } else if (!id.isTextual() && !id.isNumber()) {
      assertThat(scanner.id()).isNull();
    }
  }

  private static JsonNode object(byte[] line) {
    try {
      JsonNode json = JSON.readTree(line);
      return json.isObject() ? json : null;
    } catch (IOException e) {
      return null;
    }
  }

  private void feed(byte[] bytes, int piece) {
    scanner.reset();
    for (int i = 0; i < bytes.length; i += piece) {
      scanner.feed(bytes, i, Math.min(bytes.length, i + piece));
    }
  }
}
