package dev.peers.cli.broker;

import dev.peers.cli.shell.BaseCommand;
import dev.peers.cli.shell.CommandIo;
import dev.peers.relay.Relay;
import picocli.CommandLine.Command;

/** {@code peers mcp}. */
@Command(
    name = "mcp",
    description = {
      "Be an MCP server on standard input and output, as an agent starts it.",
      "'peers-mcp' is the same and starts faster."
    },
    footer = {"  claude mcp add --scope user --transport stdio claude-peers -- peers mcp"})
public final class McpCommand extends BaseCommand {
  public McpCommand(CommandIo shell) {
    super(shell);
  }

  @Override
  public Integer call() {
    return Relay.run(shell.environment());
  }
}
