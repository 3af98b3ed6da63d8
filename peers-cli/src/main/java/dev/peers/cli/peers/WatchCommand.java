package dev.peers.cli.peers;

import dev.peers.cli.shell.BaseCommand;
import dev.peers.cli.shell.CommandIo;
import dev.peers.cli.shell.LiveScreen;
import dev.peers.cli.shell.Table;
import dev.peers.cli.shell.Terminal;
import dev.peers.daemon.Config;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code peers watch}. */
@Command(
    name = "watch",
    description = {
      "Show the broker, the peers and the newest messages, and go on as they change.",
      "On a terminal q or Ctrl-C ends it, and any other key looks at once. Elsewhere it prints all of it"
          + " again and again; with --json a line whenever something changed.",
      "Starts no broker; it waits for one."
    },
    footer = {
      "  peers watch",
      "  peers watch --interval 0.2",
      "  peers watch --json | jq -c '[.status, .active_peers]'"
    })
public final class WatchCommand extends BaseCommand {
  private static final double SHORTEST = 0.1;
  private static final double LONGEST = 3_600;
  private static final Terminal.Size UNLIMITED =
      new Terminal.Size(Table.UNLIMITED, Table.UNLIMITED);

  @Option(
      names = "--interval",
      paramLabel = "SECONDS",
      defaultValue = "1",
      description = "How long to wait between two looks (1).")
  double interval = 1;

  @Spec CommandSpec spec = CommandSpec.create();

  public WatchCommand(CommandIo shell) {
    super(shell);
  }

  @Override
  public Integer call() throws InterruptedException {
    if (!(interval >= SHORTEST && interval <= LONGEST)) {
      throw new ParameterException(
          spec.commandLine(), "--interval is " + interval + "; expected seconds from 0.1 to 3600");
    }
    Duration pause = Duration.ofMillis(Math.round(interval * 1_000));
    Config config = shell.config();
    String home = config.url() == null ? PeerTable.home(shell) : null;
    try (BrokerWatch watch = new BrokerWatch(config)) {
      Optional<LiveScreen> screen = json ? Optional.empty() : LiveScreen.open(shell);
      if (screen.isPresent()) {
        try (LiveScreen open = screen.get()) {
          draw(watch, open, home, pause);
        }
      } else {
        print(watch, home, pause);
      }
      return OK;
    }
  }

  private void draw(BrokerWatch watch, LiveScreen screen, @Nullable String home, Duration pause)
      throws InterruptedException {
    do {
      BrokerView view = watch.look();
      screen.draw(WatchFrame.lines(view, home, Instant.now(), screen.size()));
    } while (!screen.key(pause).filter(key -> key == 'q' || key == 'Q').isPresent()
        && !shell.out().checkError());
  }

  private void print(BrokerWatch watch, @Nullable String home, Duration pause)
      throws InterruptedException {
    BrokerView told = null;
    while (true) {
      BrokerView view = watch.look();
      if (!json) {
        WatchFrame.lines(view, home, Instant.now(), UNLIMITED).forEach(shell::print);
        shell.print("");
      } else if (!view.essence().equals(told)) {
        shell.printJson(view.report());
        told = view.essence();
      }
      if (shell.out().checkError()) {
        return;
      }
      Thread.sleep(pause.toMillis());
    }
  }
}
