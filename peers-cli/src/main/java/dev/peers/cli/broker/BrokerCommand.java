package dev.peers.cli.broker;

import dev.peers.BuildInfo;
import dev.peers.cli.shell.BaseCommand;
import dev.peers.cli.shell.CommandIo;
import dev.peers.daemon.BrokerDaemon;
import dev.peers.daemon.Config;
import dev.peers.daemon.RotatingLogHandler;
import dev.peers.daemon.SettingsCheck;
import java.io.File;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code peers broker}. */
@Command(
    name = "broker",
    description = {
      "Run the broker in the foreground, its log on standard error; Ctrl-C stops it.",
      "You need not: the first session or command starts one by itself."
    },
    footer = {
      "  peers broker",
      "  CLAUDE_PEERS_DB=/tmp/try.db peers broker --port 0     one for a trial, on any free port"
    })
public final class BrokerCommand extends BaseCommand {
  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "The port, instead of CLAUDE_PEERS_PORT or 7899; 0 for any free one.")
  @Nullable Integer port;

  @Option(
      names = "--with",
      paramLabel = "JAR",
      description = {
        "Look for stores, transports and summarizers in this jar too; may be repeated.",
        "CLAUDE_PEERS_WITH says the same to brokers that start by themselves."
      })
  List<Path> with = List.of();

  @Spec CommandSpec spec = CommandSpec.create();

  public BrokerCommand(CommandIo shell) {
    super(shell);
  }

  @Override
  public Integer call() throws InterruptedException {
    Config config = Config.of(shell.environment());
    if (!with.isEmpty()) {
      config = config.with(Map.of("CLAUDE_PEERS_WITH", jars(config)));
    }
    if (port != null) {
      if (port < 0 || port > 65_535) {
        throw new ParameterException(
            spec.commandLine(), "--port is " + port + "; expected a number from 0 to 65535");
      }
      config = config.withPort(port);
    }
    SettingsCheck.require(config);
    RotatingLogHandler.useStandardError(Level.INFO);
    try (BrokerDaemon daemon = BrokerDaemon.start(config)) {
      daemon.stopWithProcess();
      announce(config, daemon);
      daemon.rehearse(config);
      daemon.awaitStopRequest();
      return OK;
    }
  }

  private String jars(Config config) {
    return Stream.concat(with.stream(), config.plugins().stream())
        .map(Path::toString)
        .collect(Collectors.joining(File.pathSeparator));
  }

  private void announce(Config config, BrokerDaemon daemon) {
    Map<String, Object> card = new LinkedHashMap<>();
    card.put("version", BuildInfo.version());
    card.put("pid", ProcessHandle.current().pid());
    card.put("address", daemon.address().toString());
    card.put("database", config.files().database().toString());
    shell.print(
        json,
        card,
        "Serving " + config.files().database() + " at " + daemon.address() + ". Ctrl-C stops.");
  }
}
