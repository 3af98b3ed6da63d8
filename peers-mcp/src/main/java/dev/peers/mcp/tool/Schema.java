package dev.peers.mcp.tool;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** JSON schemas, as the maps that the SDK takes. */
public final class Schema {
  private Schema() {}

  public static Map<String, Object> string(String description) {
    return type("string", description);
  }

  public static Map<String, Object> integer(String description) {
    return type("integer", description);
  }

  public static Map<String, Object> bool(String description) {
    return type("boolean", description);
  }

  public static Map<String, Object> array(Map<String, Object> items) {
    Map<String, Object> schema = new LinkedHashMap<>();
    schema.put("type", "array");
    schema.put("items", items);
    return schema;
  }

  static Map<String, Object> choice(String description, String... values) {
    Map<String, Object> schema = type("string", description);
    schema.put("enum", List.of(values));
    return schema;
  }

  /** The same, or null. */
  static Map<String, Object> nullable(Map<String, Object> schema) {
    Map<String, Object> either = new LinkedHashMap<>(schema);
    either.put("type", List.of(String.valueOf(schema.get("type")), "null"));
    return either;
  }

  /** An object with these properties and no others; those not named optional are required. */
  public static Map<String, Object> object(Map<String, Object> properties, String... optional) {
    List<String> required = new ArrayList<>(properties.keySet());
    required.removeAll(List.of(optional));
    Map<String, Object> schema = new LinkedHashMap<>();
    schema.put("type", "object");
    schema.put("properties", properties);
    schema.put("required", required);
    schema.put("additionalProperties", false);
    return schema;
  }

  /** Properties in the order in which they are named. */
  public static Map<String, Object> properties() {
    return new LinkedHashMap<>();
  }

  private static Map<String, Object> type(String type, String description) {
    Map<String, Object> schema = new LinkedHashMap<>();
    schema.put("type", type);
    schema.put("description", description);
    return schema;
  }
}
