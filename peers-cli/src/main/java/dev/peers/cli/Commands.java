package dev.peers.cli;

import dev.peers.BuildInfo;
import dev.peers.ErrorCode;
import dev.peers.PeersException;
import dev.peers.cli.broker.BackupCommand;
import dev.peers.cli.broker.BrokerCommand;
import dev.peers.cli.broker.KillBrokerCommand;
import dev.peers.cli.broker.McpCommand;
import dev.peers.cli.broker.RestoreCommand;
import dev.peers.cli.broker.TokenCommand;
import dev.peers.cli.demo.DemoCommand;
import dev.peers.cli.doctor.DoctorCommand;
import dev.peers.cli.install.InstallCommand;
import dev.peers.cli.install.UninstallCommand;
import dev.peers.cli.message.InboxCommand;
import dev.peers.cli.message.LogCommand;
import dev.peers.cli.message.SendCommand;
import dev.peers.cli.peers.ForgetCommand;
import dev.peers.cli.peers.PeersCommand;
import dev.peers.cli.peers.StatusCommand;
import dev.peers.cli.peers.WatchCommand;
import dev.peers.cli.shell.BaseCommand;
import dev.peers.cli.shell.Candidates;
import dev.peers.cli.shell.CommandIo;
import dev.peers.cli.shell.CompletionCommand;
import dev.peers.cli.shell.ManCommand;
import dev.peers.cli.startup.Installation;
import dev.peers.cli.startup.PrepareCommand;
import dev.peers.cli.startup.SelfInstallCommand;
import dev.peers.daemon.Config;
import dev.peers.daemon.RotatingLogHandler;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.logging.Level;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The commands as a whole: which there are, and how their errors are told. */
@Command(
    name = "peers",
    header = "Lets AI coding sessions on this machine find each other and talk.",
    description = "%nReplies to what you send are in 'peers inbox'.%n",
    footerHeading = "%nExamples:%n",
    footer = {
      "  peers install claude     set Claude Code up",
      "  peers watch              see who is there and what they write",
      "  peers send eel-k3f9 \"Are you done with the parser?\"",
      "  peers send --help        more of one command"
    },
    commandListHeading = "%nCommands:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:done", "1:failed", "2:wrong usage or a wrong setting"},
    synopsisSubcommandLabel = "COMMAND")
final class Commands implements Runnable {
  /** Failures of which one sentence cannot tell all that may be behind them. */
  private static final Set<ErrorCode> MANY_CAUSES =
      EnumSet.of(
          ErrorCode.UNAUTHORIZED,
          ErrorCode.UNAVAILABLE,
          ErrorCode.STORE_FAILED,
          ErrorCode.PROVIDER_UNAVAILABLE,
          ErrorCode.INTERNAL);

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  boolean help;

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "Show the version.")
  boolean version;

  @Spec CommandSpec spec = CommandSpec.create();

  private Commands() {}

  /** Runs one command line and returns the exit code. */
  static int run(CommandIo shell, String... args) {
    RotatingLogHandler.useStandardError(Level.WARNING);
    CommandLine line = new CommandLine(new Commands(), new Candidates.Factory(shell));
    line.addSubcommand(new StatusCommand(shell))
        .addSubcommand(new PeersCommand(shell))
        .addSubcommand(new WatchCommand(shell))
        .addSubcommand(new SendCommand(shell))
        .addSubcommand(new InboxCommand(shell))
        .addSubcommand(new LogCommand(shell))
        .addSubcommand(new ForgetCommand(shell))
        .addSubcommand(new BrokerCommand(shell))
        .addSubcommand(new KillBrokerCommand(shell))
        .addSubcommand(new BackupCommand(shell))
        .addSubcommand(new RestoreCommand(shell))
        .addSubcommand(new McpCommand(shell))
        .addSubcommand(
            new CommandLine(new TokenCommand(shell)).addSubcommand(new TokenCommand.Rotate(shell)))
        .addSubcommand(new InstallCommand(shell))
        .addSubcommand(new UninstallCommand(shell))
        .addSubcommand(new PrepareCommand(shell))
        .addSubcommand(new SelfInstallCommand(shell))
        .addSubcommand(new DoctorCommand(shell))
        .addSubcommand(new CompletionCommand(shell))
        .addSubcommand(new DemoCommand(shell))
        .addSubcommand(new ManCommand(shell));
    line.getCommandSpec().version("peers " + BuildInfo.version());
    // A message may begin with @, and is then no file.
    line.setExpandAtFiles(false);
    line.setOut(shell.out());
    line.setErr(shell.err());
    line.setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF));
    line.setParameterExceptionHandler((e, arguments) -> wrongUsage(shell, e));
    line.setExecutionExceptionHandler((e, command, result) -> failure(shell, e));
    if (args.length > 0
        && !args[0].startsWith("-")
        && !line.getSubcommands().containsKey(args[0])) {
      // The library would take a later word for the command, and complain of what that one lacks.
      return wrongUsage(shell, new UnmatchedArgumentException(line, List.of(args[0])));
    }
    int code = line.execute(args);
    shell.err().flush();
    if (shell.out().checkError() && code == BaseCommand.OK) {
      shell.complain("the output could not be written");
      return BaseCommand.FAILED;
    }
    return code;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "name a command");
  }

  private static int wrongUsage(CommandIo shell, ParameterException e) {
    CommandLine command = e.getCommandLine();
    Optional<String> unknown = unknownCommand(e);
    shell.complain(
        unknown
            .map(word -> noSuchCommand(command, word))
            .orElseGet(() -> String.valueOf(e.getMessage())));
    UnmatchedArgumentException.printSuggestions(e, shell.err());
    shell.err().println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
    return BaseCommand.WRONG_USAGE;
  }

  /** The first word, where a command is expected and there is none of that name. */
  private static Optional<String> unknownCommand(ParameterException e) {
    return e instanceof UnmatchedArgumentException unmatched
            && !unmatched.isUnknownOption()
            && !e.getCommandLine().getSubcommands().isEmpty()
        ? unmatched.getUnmatched().stream().findFirst()
        : Optional.empty();
  }

  private static String noSuchCommand(CommandLine command, String word) {
    String name = command.getCommandSpec().qualifiedName();
    String known =
        command.getSubcommands().entrySet().stream()
            .filter(each -> !each.getValue().getCommandSpec().usageMessage().hidden())
            .map(Map.Entry::getKey)
            .collect(Collectors.joining(", "));
    return word.equals("help")
        ? "'"
            + name
            + " help' is not a command; '"
            + name
            + " COMMAND --help' describes one of: "
            + known
        : "no command of '" + name + "' is called '" + word + "'; expected one of: " + known;
  }

  private static int failure(CommandIo shell, Exception e) {
    if (e instanceof PeersException known) {
      shell.complain(known.getMessage());
      more(shell, known.code());
      return known instanceof Config.InvalidSetting ? BaseCommand.WRONG_USAGE : BaseCommand.FAILED;
    }
    shell.complain(ErrorCode.INTERNAL.wireName() + " error, a defect of Peers: " + e);
    for (StackTraceElement frame : e.getStackTrace()) {
      shell.err().println("    at " + frame);
    }
    more(shell, ErrorCode.INTERNAL);
    return BaseCommand.FAILED;
  }

  private static void more(CommandIo shell, ErrorCode code) {
    if (MANY_CAUSES.contains(code)) {
      Installation.document("errors.md")
          .ifPresent(errors -> shell.err().println("More: " + errors + "#" + code.wireName()));
    }
  }
}
