package dev.peers.mcp;

import dev.peers.Route;
import io.modelcontextprotocol.spec.McpSchema;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * {@code hook_mail}, which agents' hooks call, not models. Its result is a hook's output in the
 * form that the event takes, with the mail that waits; an empty object where none does. What it
 * hands over is delivered once it is with the agent.
 *
 * @see <a href="https://code.claude.com/docs/en/hooks">Claude Code's hooks</a>
 */
final class HookMailTool implements PeerTool {
  static final String NAME = "hook_mail";

  /** The event after which an agent goes on only if it is told why. */
  private static final String END = "Stop";

  /** Events whose output is added to what the agent knows. */
  private static final Set<String> CONTEXTS =
      Set.of("UserPromptSubmit", "PostToolUse", "PostToolBatch", "BeforeAgent", "AfterTool");

  /** How often in a row an agent that wants to end is sent on. */
  private static final int MAX_CONTINUATIONS = 3;

  private final Routes routes;
  private final boolean continues;
  private final SessionNames names;
  // One session's calls come one at a time.
  private int continuations;

  /**
   * Makes the tool of one session.
   *
   * @param continues whether an agent that wants to end may be sent on with mail
   * @param names is told what the agent calls the session
   */
  HookMailTool(Routes routes, boolean continues, SessionNames names) {
    this.routes = routes;
    this.continues = continues;
    this.names = names;
  }

  @Override
  public McpSchema.Tool definition() {
    Map<String, Object> in = Schema.properties();
    in.put("event", Schema.string("the hook's event, such as UserPromptSubmit"));
    in.put("stopHookActive", Schema.bool("on Stop: whether a hook has sent the agent on already"));
    in.put("sessionId", Schema.string("what the agent calls the session now"));
    Map<String, Object> specific = Schema.properties();
    specific.put("hookEventName", Schema.string("the event"));
    specific.put("additionalContext", Schema.string("mail of other sessions"));
    Map<String, Object> out = Schema.properties();
    out.put("hookSpecificOutput", Schema.object(specific));
    out.put("decision", Schema.string("block: go on, for the reason given"));
    out.put("reason", Schema.string("mail of other sessions"));

    return McpSchema.Tool.builder(NAME, Schema.object(in, "stopHookActive", "sessionId"))
        .title("Mail for hooks")
        .description("For the hooks of the agent's program. Do not call it; use check_messages.")
        .outputSchema(Schema.object(out, "hookSpecificOutput", "decision", "reason"))
        .annotations(PeerTool.writes("Mail for hooks", false))
        .build();
  }

  @Override
  public boolean carriesMail() {
    return false;
  }

  @Override
  public Map<String, Object> call(Call call) {
    String event = call.arguments().text("event", "hook_event_name");
    call.arguments()
        .optionalText("sessionId", "session_id")
        // An agent that does not know the placeholder leaves it as it is.
        .filter(id -> !id.isBlank() && !id.startsWith("${"))
        .ifPresent(id -> names.heard(call.session(), Hello.sessionKey(id)));
    if (CONTEXTS.contains(event)) {
      routes.seen(Route.HOOK);
      routes.atWork(true);
      continuations = 0;
      return Mailbag.of(call).map(mail -> context(event, mail.text())).orElseGet(Map::of);
    }
    if (!event.equals(END)) {
      return Map.of();
    }
    routes.atWork(false);
    if (!continues) {
      return Map.of();
    }
    routes.seen(Route.HOOK);
    if (call.arguments().isFalse("stopHookActive", "stop_hook_active")) {
      continuations = 0;
    }
    Map<String, Object> output =
        continuations >= MAX_CONTINUATIONS
            ? Map.of()
            : Mailbag.of(call).map(mail -> goOn(mail.text())).orElseGet(Map::of);
    if (output.isEmpty()) {
      // It may stop, and so begins anew when it is next at work.
      continuations = 0;
    }
    return output;
  }

  private static Map<String, Object> context(String event, String text) {
    Map<String, Object> specific = new LinkedHashMap<>();
    specific.put("hookEventName", event);
    specific.put("additionalContext", text);
    return Map.of("hookSpecificOutput", specific);
  }

  private Map<String, Object> goOn(String text) {
    continuations++;
    routes.atWork(true);
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("decision", "block");
    result.put("reason", text);
    return result;
  }
}
