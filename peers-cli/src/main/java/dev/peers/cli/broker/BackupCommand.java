package dev.peers.cli.broker;

import dev.peers.ErrorCode;
import dev.peers.PeersException;
import dev.peers.cli.shell.BaseCommand;
import dev.peers.cli.shell.CommandIo;
import dev.peers.daemon.Config;
import dev.peers.daemon.CurrentDirectory;
import dev.peers.daemon.Plugins;
import dev.peers.spi.StoreBackups;
import dev.peers.spi.StoreProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code peers backup}. */
@Command(
    name = "backup",
    description = {
      "Write all peers and messages, as they are at one moment, into a file.",
      "The broker may run meanwhile. The file is checked, and its owner alone may read it."
    },
    footer = {
      "  peers backup ~/peers-backup.db",
      "  peers backup --force /mnt/backup/peers.db     replace yesterday's"
    })
public final class BackupCommand extends BaseCommand {
  @Parameters(paramLabel = "FILE", description = "The file to write.")
  Path file = Path.of("");

  @Option(names = "--force", description = "Replace the file if it is there.")
  boolean force;

  public BackupCommand(CommandIo shell) {
    super(shell);
  }

  @Override
  public Integer call() throws IOException {
    Config config = shell.config();
    Path target = CurrentDirectory.resolve(file).normalize();
    try (Plugins plugins = Plugins.of(config.plugins())) {
      of(config, plugins, "backup").write(config.storeConfig(), target, force);
    }
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("ok", true);
    report.put("file", target.toString());
    report.put("database", config.files().database().toString());
    report.put("bytes", Files.size(target));
    shell.print(
        json,
        report,
        "The backup of "
            + config.files().database()
            + " is in "
            + target
            + "; 'peers restore' brings it back.");
    return OK;
  }

  /** The backups of the local broker's store. */
  static StoreBackups of(Config config, Plugins plugins, String verb) {
    if (config.url() != null) {
      throw new PeersException(
          ErrorCode.INVALID_ARGUMENT,
          "CLAUDE_PEERS_URL names a broker elsewhere; use 'peers "
              + verb
              + "' where it runs, without that variable");
    }
    StoreProvider provider =
        plugins.named(StoreProvider.class, "CLAUDE_PEERS_STORE", config.store());
    return provider
        .backups()
        .orElseThrow(
            () ->
                new PeersException(
                    ErrorCode.INVALID_ARGUMENT,
                    "the store '"
                        + config.store()
                        + "' (CLAUDE_PEERS_STORE) leaves backups to the programs of its own"
                        + " database, such as pg_dump"));
  }
}
