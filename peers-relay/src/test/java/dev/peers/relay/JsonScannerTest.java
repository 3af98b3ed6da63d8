package dev.peers.relay;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class JsonScannerTest {
  private final JsonScanner scanner = new JsonScanner();

  @Test
  void findsIdAndMethodWhereverTheyStand() {
    scan("{\"params\":{\"id\":1,\"method\":\"x\"}, \"method\" : \"tools/call\" ,\"id\": 7 }");

    assertThat(scanner.id()).isEqualTo("7");
    assertThat(scanner.method()).isEqualTo("tools/call");
  }

  @Test
  void keepsAnIdAsItIsWritten() {
    scan("{\"id\":\"a, \\\"b\\\" }\",\"result\":{}}");

    assertThat(scanner.id()).isEqualTo("\"a, \\\"b\\\" }\"");
    assertThat(scanner.method()).isNull();
  }

  @Test
  void knowsAnIdInEverySpelling() {
    for (String[] pair :
        new String[][] {
          {"\"\\u00e9\"", "\"é\""},
          {"\"\\ud83d\\ude00\"", "\"😀\""},
          {"\"a\\/b\\n\"", "\"a/b\\u000a\""},
        }) {
      scan("{\"id\":" + pair[0] + "}");
      String one = scanner.id();
      scan("{\"id\":" + pair[1] + "}");
      assertThat(scanner.id()).isEqualTo(one).isNotNull();
    }
  }

  @Test
  void takesNothingElseForAnId() {
    for (String id :
        new String[] {
          "{\"q\":1}", "[1]", "true", "\"" + "x".repeat(300) + "\"", "\"\\u00\"", "null"
        }) {
      scan("{\"id\":" + id + "}");
      assertThat(scanner.id()).as(id).isNull();
    }
  }

  @Test
  void findsWhichRequestANotificationIsAbout() {
    for (String line :
        new String[] {
          "{\"method\":\"m\",\"params\":{\"x\":[{\"requestId\":1}],\"requestId\":\"\\u0061\",\"y\":{}}}",
          "{\"params\":{\"y\":{\"requestId\":2},\"z\":\"}\",\"requestId\":\"a\"},\"method\":\"m\"}",
        }) {
      scan(line);
      assertThat(scanner.requestId()).as(line).isEqualTo("\"a\"");
      assertThat(scanner.method()).as(line).isEqualTo("m");
    }
    for (String line :
        new String[] {
          "{\"requestId\":1}",
          "{\"params\":[{\"requestId\":1}]}",
          "{\"x\":{\"requestId\":1},\"params\":{}}"
        }) {
      scan(line);
      assertThat(scanner.requestId()).as(line).isNull();
    }
  }

  @Test
  void isNotMisledByTextThatLooksLikeMembers() {
    scan("{\"x\":\"\\\",\\\"id\\\":9,\",\"y\":[{\"id\":1},\"id\"],\"id\":3}");

    assertThat(scanner.id()).isEqualTo("3");
  }

  @Test
  void findsNothingInANotificationOrInNonsense() {
    for (String line :
        new String[] {
          "", "{}", "nonsense", "[1,2]", "{\"id\":null}", "}}}{{\"id\":1", "\"id\":1"
        }) {
      scan(line);
      assertThat(scanner.id()).as(line).isNull();
      assertThat(scanner.method()).as(line).isNull();
    }
  }

  @Test
  void goesOnAcrossPieces() {
    scanner.reset();
    byte[] line =
        "{\"jsonrpc\":\"2.0\",\"id\":12,\"method\":\"ping\"}".getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < line.length; i++) {
      scanner.feed(line, i, i + 1);
    }

    assertThat(scanner.id()).isEqualTo("12");
    assertThat(scanner.method()).isEqualTo("ping");
  }

  private void scan(String line) {
    byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
    scanner.reset();
    scanner.feed(bytes, 0, bytes.length);
  }
}
