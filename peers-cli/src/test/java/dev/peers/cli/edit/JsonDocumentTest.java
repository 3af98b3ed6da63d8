package dev.peers.cli.edit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class JsonDocumentTest {
  private static final int ROUNDS = 3_000;

  @Test
  void everyEditOfEveryLayoutChangesWhatItSaysAndNothingElse() throws UnreadableConfig {
    JsonNode value = JsonNodeFactory.instance.objectNode().put("new", 1).set("list", list());
    for (int seed = 0; seed < ROUNDS; seed++) {
      JsonDocument text = JsonDocument.parse(new Layout(new Random(seed)).object(0));
      JsonDocument added = text.with(List.of("x", "y"), value);
      ObjectNode expected = text.tree().deepCopy();
      expected.putObject("x").set("y", value);
      assertThat(added.tree()).as(text.text()).isEqualTo(expected);
      assertThat(added.without(List.of("x")).tree()).as(added.text()).isEqualTo(text.tree());

      for (var member : text.tree().properties()) {
        List<String> path = List.of(member.getKey());
        ObjectNode rest = text.tree().deepCopy();
        rest.remove(member.getKey());
        assertThat(text.without(path).tree()).as(path + " of " + text.text()).isEqualTo(rest);
        rest.set(member.getKey(), value);
        assertThat(text.with(path, value).tree()).as(text.text()).isEqualTo(rest);
        if (member.getValue() instanceof ArrayNode array) {
          JsonDocument longer = text.append(path, value);
          assertThat(longer.at(path)).as(text.text()).isEqualTo(array.deepCopy().add(value));
          List<String> last = List.of(member.getKey(), Integer.toString(array.size()));
          assertThat(longer.without(last).tree()).as(longer.text()).isEqualTo(text.tree());
        }
      }
    }
  }

  private static JsonNode list() {
    return JsonNodeFactory.instance.arrayNode().add("a\"\\").addObject();
  }

  /** Writes objects in all ways that are allowed, and in some that are in bad taste. */
  private record Layout(Random random) {
    String object(int depth) {
      StringBuilder text = new StringBuilder(gap()).append('{').append(gap());
      int members = random.nextInt(4);
      for (int i = 0; i < members; i++) {
        text.append('"').append((char) ('a' + i)).append('"').append(gap()).append(':');
        text.append(gap()).append(value(depth)).append(gap());
        text.append(i < members - 1 || random.nextInt(4) == 0 ? "," : "").append(gap());
      }
      return text.append('}').append(gap()).toString();
    }

    private String array(int depth) {
      StringBuilder text = new StringBuilder("[").append(gap());
      int items = random.nextInt(4);
      for (int i = 0; i < items; i++) {
        text.append(value(depth)).append(gap());
        text.append(i < items - 1 || random.nextInt(4) == 0 ? "," : "").append(gap());
      }
      return text.append(']').toString();
    }

    private String value(int depth) {
      return switch (random.nextInt(depth > 2 ? 4 : 6)) {
        case 0 -> "-1.5e3";
        case 1 -> "null";
        case 2 -> "\"// {no} /* \\\" \\\\\"";
        case 3 -> "\"\"";
        case 4 -> array(depth + 1);
        default -> object(depth + 1);
      };
    }

    private String gap() {
      return switch (random.nextInt(12)) {
        case 0 -> " ";
        case 1 -> "\n  ";
        case 2 -> " // \"c\": {\n";
        case 3 -> "/* , } */";
        case 4 -> "\r\n\t";
        case 5 -> "// x\r\n  ";
        default -> "";
      };
    }
  }
}
