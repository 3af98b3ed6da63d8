package dev.peers.local;

import org.jspecify.annotations.Nullable;

/**
 * What the relay answers by itself, as lines of JSON-RPC.
 *
 * @since 0.1
 */
public final class Replies {
  /** Why a relay that another process of its agent has replaced does nothing any more. */
  public static final String REPLACED =
      "this server was replaced: its agent has started a newer claude-peers server for the same"
          + " session, and mail goes there. Use that one's tools; if there are none, reconnect"
          + " claude-peers";

  private Replies() {}

  /** An error; without an id where the request has none that is known. */
  public static String refusal(@Nullable String id, String reason) {
    StringBuilder json = begin(id).append("\"error\":{\"code\":-32000,\"message\":");
    Json.text(json, "claude-peers: " + reason);
    return json.append("}}\n").toString();
  }

  /**
   * The answer to a request that comes though another process has the session.
   *
   * @param tool which tool it calls; null if none
   */
  public static String afterReplacement(String id, String method, @Nullable String tool) {
    boolean call = method.equals("tools/call");
    StringBuilder json = begin(id).append("\"result\":");
    if (method.equals("ping")) {
      json.append("{}");
    } else if (call && "hook_mail".equals(tool)) {
      // There is nothing to hand over, which is no failure that a user should see with each hook.
      json.append("{\"content\":[{\"type\":\"text\",\"text\":\"{}\"}],\"structuredContent\":{}}");
    } else if (call) {
      json.append("{\"content\":[{\"type\":\"text\",\"text\":");
      Json.text(json, REPLACED);
      json.append("}],\"isError\":true}");
    } else {
      return refusal(id, REPLACED);
    }
    return json.append("}\n").toString();
  }

  private static StringBuilder begin(@Nullable String id) {
    return new StringBuilder("{\"jsonrpc\":\"2.0\",\"id\":").append(id).append(',');
  }
}
