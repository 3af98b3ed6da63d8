package dev.peers.mcp.tool;

import dev.peers.Route;
import dev.peers.mcp.delivery.SessionNames;
import dev.peers.mcp.delivery.SessionReachability;
import dev.peers.mcp.link.Client;
import dev.peers.mcp.link.Hello;
import io.modelcontextprotocol.spec.McpSchema;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * {@code hook_mail}, which agents' hooks call, not models. Its result is a hook's output in the
 * form that the event takes, with the mail that waits; an empty object where none does. What it
 * hands over is delivered once it is with the agent.
 *
 * @see <a href="https://code.claude.com/docs/en/hooks">Claude Code's hooks</a>
 */
public final class HookMailTool implements PeerTool {
  public static final String NAME = "hook_mail";

  /** The event that precedes a call, and tells who makes it. */
  private static final String CALL = "PreToolUse";

  /** The event after which an agent goes on only if it is told why. */
  private static final String END = "Stop";

  /** Events that begin a turn, which sub-agents do not have. */
  private static final Set<String> BEGINNINGS = Set.of("UserPromptSubmit", "BeforeAgent");

  /** Further events whose output is added to what the agent knows. */
  private static final Set<String> CONTEXTS = Set.of("PostToolUse", "PostToolBatch", "AfterTool");

  /** How often in a row an agent that wants to end is sent on. */
  private static final int MAX_CONTINUATIONS = 3;

  private final Client client;
  private final Callers callers;
  private final SessionReachability routes;
  private final boolean continues;
  private final SessionNames names;
  // One session's calls come one at a time.
  private int continuations;

  /**
   * Makes the tool of one session.
   *
   * @param callers is told by hooks who makes the calls that follow
   * @param continues whether an agent that wants to end may be sent on with mail
   * @param names is told what the agent calls the session
   */
  HookMailTool(
      Client client,
      Callers callers,
      SessionReachability routes,
      boolean continues,
      SessionNames names) {
    this.client = client;
    this.callers = callers;
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
    in.put(
        "agentId", Schema.string("the sub-agent that the event is of; empty for the main agent"));
    in.put("toolUseId", Schema.string("on PreToolUse: the id of the call that follows"));
    Map<String, Object> specific = Schema.properties();
    specific.put("hookEventName", Schema.string("the event"));
    specific.put("additionalContext", Schema.string("mail of other sessions"));
    Map<String, Object> out = Schema.properties();
    out.put("hookSpecificOutput", Schema.object(specific));
    out.put("decision", Schema.string("block: go on, for the reason given"));
    out.put("reason", Schema.string("mail of other sessions"));

    return McpSchema.Tool.builder(
            NAME, Schema.object(in, "stopHookActive", "sessionId", "agentId", "toolUseId"))
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

  /** A model that calls what is not for it gets nothing, which is what a sub-agent gets. */
  @Override
  public Caller caller(Callers known, ToolArguments arguments, Map<String, Object> meta) {
    return Callers.isOfModel(meta)
        ? Caller.SUB_AGENT
        : known.ofHook(arguments.optionalText("agentId", "agent_id").orElse(null), meta);
  }

  @Override
  public Map<String, Object> call(Call call) {
    String event = call.arguments().text("event", "hook_event_name");
    if (event.equals(CALL)) {
      call.arguments()
          .optionalText("toolUseId", "tool_use_id")
          .ifPresent(id -> callers.announce(id, call.caller()));
      return Map.of();
    }
    if (call.caller() == Caller.SUB_AGENT) {
      return Map.of();
    }
    call.arguments()
        .optionalText("sessionId", "session_id")
        // An agent that does not know the placeholder leaves it as it is.
        .filter(id -> !id.isBlank() && !id.startsWith("${"))
        .ifPresent(id -> names.heard(call.session(), Hello.sessionKey(id)));
    boolean begins = BEGINNINGS.contains(event);
    if (begins || CONTEXTS.contains(event)) {
      if (!begins && call.caller() == Caller.UNKNOWN) {
        return Map.of();
      }
      routes.seen(Route.HOOK);
      routes.atWork(true);
      continuations = 0;
      return mail(call, begins).map(mail -> context(event, mail.text())).orElseGet(Map::of);
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
            : mail(call, false).map(mail -> goOn(mail.text())).orElseGet(Map::of);
    if (output.isEmpty()) {
      // It may stop, and so begins anew when it is next at work.
      continuations = 0;
    }
    return output;
  }

  private Optional<AttachedMail> mail(Call call, boolean begins) {
    return routes.hooksTakePushed(begins) ? AttachedMail.withPushed(call) : AttachedMail.of(call);
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
    if (client == Client.CLAUDE_CODE) {
      // A decision would be shown twice, and called an error.
      return context(END, text);
    }
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("decision", "block");
    result.put("reason", text);
    return result;
  }
}
