package dev.peers.cli;

import dev.peers.BuildInfo;
import dev.peers.PeersException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.logging.Level;
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
    })
final class BrokerCommand extends ShellCommand {
  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "The port, instead of CLAUDE_PEERS_PORT or 7899; 0 for any free one.")
  @Nullable Integer port;

  @Option(names = "--detached", hidden = true)
  boolean detached;

  @Spec CommandSpec spec = CommandSpec.create();

  BrokerCommand(Shell shell) {
    super(shell);
  }

  @Override
  public Integer call() throws InterruptedException {
    Config config = shell.config();
    if (port != null) {
      if (port < 0 || port > 65_535) {
        throw new ParameterException(
            spec.commandLine(), "--port is " + port + "; expected a number from 0 to 65535");
      }
      config = config.withPort(port);
    }
    if (detached) {
      LogFile.use(config.files().log());
    } else {
      LogFile.useStandardError(Level.INFO);
    }
    try (BrokerDaemon daemon = BrokerDaemon.start(config)) {
      // A signal ends the process when this has run, whatever the main thread does.
      Runtime.getRuntime().addShutdownHook(new Thread(daemon::close, "peers-stop"));
      if (!detached) {
        announce(config, daemon);
      }
      daemon.awaitStopRequest();
      return OK;
    } catch (BrokerDaemon.AlreadyRunning e) {
      if (detached) {
        return OK;
      }
      throw e;
    } catch (PeersException e) {
      if (detached) {
        // The last line of the log is what the starter shows.
        System.getLogger(BrokerCommand.class.getName())
            .log(System.Logger.Level.ERROR, e.getMessage());
        return FAILED;
      }
      throw e;
    }
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
