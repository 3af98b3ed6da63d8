package dev.peers.cli.broker;

import dev.peers.ErrorCode;
import dev.peers.PeersException;
import dev.peers.cli.shell.BaseCommand;
import dev.peers.cli.shell.CommandIo;
import dev.peers.daemon.BrokerConnection;
import dev.peers.daemon.Config;
import dev.peers.daemon.TokenFile;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code peers token}. */
@Command(
    name = "token",
    description = "The secret that programs need to talk to the broker by HTTP.",
    footer = {"  peers token rotate"})
public final class TokenCommand extends BaseCommand {
  @Spec CommandSpec spec = CommandSpec.create();

  public TokenCommand(CommandIo shell) {
    super(shell);
  }

  @Override
  public Integer call() {
    throw new ParameterException(spec.commandLine(), "name what to do with the token: rotate");
  }

  /** {@code peers token rotate}. */
  @Command(
      name = "rotate",
      description = {
        "Replace the token.",
        "Who knows the former one, or a key that a program was given under it, is locked out at once."
            + " Sessions of agents go on undisturbed."
      },
      footer = "  peers token rotate")
  public static final class Rotate extends BaseCommand {
    private static final int TRIES = 100;
    private static final long PAUSE_MILLIS = 50;

    public Rotate(CommandIo shell) {
      super(shell);
    }

    @Override
    public Integer call() throws InterruptedException {
      Config config = shell.config();
      if (config.url() != null) {
        throw new PeersException(
            ErrorCode.INVALID_ARGUMENT,
            "CLAUDE_PEERS_URL names a broker elsewhere; rotate its token where it runs");
      }
      TokenFile.write(config.files().token(), TokenFile.random());
      try {
        awaitRotation(config);
      } catch (PeersException e) {
        throw new PeersException(
            e.code(),
            "the token in "
                + config.files().token()
                + " is a new one, but the broker could not be asked whether it takes it: "
                + e.getMessage()
                + ". A broker that runs takes it with its next request; to be sure, end it with"
                + " 'peers kill-broker'",
            e);
      }
      shell.print(
          json,
          Map.of("ok", true, "file", config.files().token().toString()),
          "The token in " + config.files().token() + " is a new one.");
      return OK;
    }

    /** Once the broker takes the new token it takes no other. */
    private static void awaitRotation(Config config) throws InterruptedException {
      for (int i = 0; config.authenticated(); i++) {
        try {
          Optional<BrokerConnection> running = BrokerConnection.openRunning(config);
          running.ifPresent(BrokerConnection::close);
          return;
        } catch (PeersException e) {
          if (e.code() != ErrorCode.UNAUTHORIZED || i == TRIES) {
            throw e;
          }
          Thread.sleep(PAUSE_MILLIS);
        }
      }
    }
  }
}
