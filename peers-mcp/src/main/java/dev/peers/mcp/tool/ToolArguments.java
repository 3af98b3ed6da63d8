package dev.peers.mcp.tool;

import dev.peers.ErrorCode;
import dev.peers.MessageId;
import dev.peers.PeersException;
import java.util.Map;
import java.util.Optional;

/** The arguments of a tool call. Other spellings are taken, since models make them up. */
record ToolArguments(String tool, Map<String, Object> values) {

  /** The first of these arguments that is given, or a refusal that names the first of them. */
  String text(String name, String... aliases) {
    return optionalText(name, aliases)
        .orElseThrow(
            () ->
                new PeersException(
                    ErrorCode.INVALID_ARGUMENT,
                    tool + " needs the argument '" + name + "', a text"));
  }

  Optional<String> optionalText(String name, String... aliases) {
    Object value = values.get(name);
    for (int i = 0; value == null && i < aliases.length; i++) {
      value = values.get(aliases[i]);
    }
    if (value == null) {
      return Optional.empty();
    }
    if (value instanceof String || value instanceof Number) {
      return Optional.of(value.toString());
    }
    throw new PeersException(
        ErrorCode.INVALID_ARGUMENT, tool + ": the argument '" + name + "' must be a text");
  }

  /** Whether an argument is given and says no, as a value or as a word. */
  boolean isFalse(String name, String alias) {
    Object value = values.containsKey(name) ? values.get(name) : values.get(alias);
    return value != null && value.toString().strip().equalsIgnoreCase("false");
  }

  Optional<MessageId> messageId(String name, String... aliases) {
    return optionalText(name, aliases).filter(text -> !text.isBlank()).map(MessageId::parse);
  }
}
