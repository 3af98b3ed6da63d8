package dev.peers.cli.edit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

/**
 * What an agent takes for JSON. A file that its agent cannot read is not edited: the agent would
 * ignore the entry, or replace the whole file.
 */
public enum JsonSyntax {
  /**
   * Nothing but JSON: Claude Code and Cursor.
   *
   * @see <a href="https://github.com/anthropics/claude-code/issues/83190">comments</a>
   * @see <a href="https://github.com/SchemaStore/schemastore/issues/5574">trailing commas</a>
   */
  PLAIN,
  /** With comments, which Gemini CLI strips, and no trailing commas. */
  COMMENTS(JsonReadFeature.ALLOW_JAVA_COMMENTS),
  /** With comments and trailing commas: VS Code. */
  LENIENT(JsonReadFeature.ALLOW_JAVA_COMMENTS, JsonReadFeature.ALLOW_TRAILING_COMMA);

  // Configured once, and never again.
  @SuppressWarnings("ImmutableEnumChecker")
  private final JsonMapper mapper;

  JsonSyntax(JsonReadFeature... features) {
    mapper =
        JsonMapper.builder()
            .enable(features)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
  }

  public JsonNode read(String text) throws UnreadableConfig {
    JsonNode tree;
    try {
      tree = mapper.readTree(text);
    } catch (JsonProcessingException e) {
      var where = e.getLocation();
      throw new UnreadableConfig(
          "not valid JSON"
              + (where == null
                  ? ""
                  : " at line " + where.getLineNr() + ", column " + where.getColumnNr())
              + hint(text));
    }
    if (!tree.isObject()) {
      throw new UnreadableConfig("it holds no JSON object");
    }
    return tree;
  }

  private String hint(String text) {
    if (this == LENIENT) {
      return "";
    }
    try {
      LENIENT.mapper.readTree(text);
      return this == PLAIN
          ? " (the agent that reads it allows neither comments nor trailing commas)"
          : " (the agent that reads it allows no trailing commas)";
    } catch (JsonProcessingException e) {
      return "";
    }
  }
}
