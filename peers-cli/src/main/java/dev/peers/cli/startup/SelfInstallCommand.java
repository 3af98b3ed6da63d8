package dev.peers.cli.startup;

import dev.peers.ErrorCode;
import dev.peers.PeersException;
import dev.peers.cli.shell.BaseCommand;
import dev.peers.cli.shell.CommandIo;
import dev.peers.daemon.CurrentDirectory;
import dev.peers.local.ProgramFiles;
import dev.peers.local.StartupCache;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code peers self-install}. */
@Command(
    name = "self-install",
    description = {
      "Copy this program to where it can stay, and link its commands.",
      "Also updates an installation, while its sessions run: they go on with the former build, of"
          + " which the last three are kept."
    },
    footer = {
      "  peers-cli/target/peers/bin/peers self-install     from a build, to ~/.local/share/peers",
      "  peers self-install --no-links /opt/peers"
    })
public final class SelfInstallCommand extends BaseCommand {
  private static final List<String> PROGRAMS = List.of("peers", "peers-mcp", "peers-wake");

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "DIRECTORY",
      description = "Where to, instead of peers in XDG_DATA_HOME, or in ~/.local/share.")
  @Nullable Path directory;

  @Option(names = "--no-links", description = "Put no links to the commands into ~/.local/bin.")
  boolean withoutLinks;

  @Spec CommandSpec spec = CommandSpec.create();

  public SelfInstallCommand(CommandIo shell) {
    super(shell);
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    ProgramFiles own = ProgramFiles.own();
    Path source = own == null ? null : own.root();
    if (own == null || source == null) {
      throw new PeersException(
          ErrorCode.UNAVAILABLE,
          "the jar that works alone cannot install the commands; use bin/peers of the whole"
              + " distribution");
    }
    Path target = target();
    if (!InstallationCopy.isFit(target)) {
      throw new PeersException(
          ErrorCode.INVALID_ARGUMENT,
          target
              + " is not empty, and holds no installation of Peers; name an empty directory, or one"
              + " that is not there yet");
    }
    if (Files.exists(target) && Files.isSameFile(target, source)) {
      throw new PeersException(
          ErrorCode.INVALID_ARGUMENT,
          target + " is where this program runs from; start the one to install from its own place");
    }
    ProgramFiles build = new InstallationCopy(own, source, target).install();
    prepare(build);
    report(target, withoutLinks ? List.of() : links(target));
    return OK;
  }

  private Path target() {
    if (directory != null) {
      return CurrentDirectory.resolve(directory).normalize();
    }
    String data = shell.environment().getOrDefault("XDG_DATA_HOME", "");
    return data.isBlank()
        ? home().resolve(".local/share/peers")
        : CurrentDirectory.resolve(Path.of(data, "peers"));
  }

  private Path home() {
    String home = shell.environment().getOrDefault("HOME", "");
    if (home.isBlank()) {
      throw new ParameterException(
          spec.commandLine(), "HOME is not set; name the directory to install to");
    }
    return Path.of(home);
  }

  /** What makes starts faster; without it all works as well. */
  private void prepare(ProgramFiles build) throws IOException, InterruptedException {
    StartupArchiveBuilder training = new StartupArchiveBuilder(build, shell.environment());
    Path start = StartupCache.beside(build);
    if (training.fits(start)) {
      return;
    }
    try {
      training.into(start);
    } catch (PeersException e) {
      shell.complain(e.getMessage());
    }
  }

  /** Links to the commands; each is true if it leads to this installation. */
  private List<Path> links(Path target) throws IOException {
    List<Path> made = new ArrayList<>();
    Path bin = home().resolve(".local/bin");
    for (String name : PROGRAMS) {
      Path link = bin.resolve(name);
      if (InstallationCopy.link(link, target.resolve("bin").resolve(name))) {
        made.add(link);
      } else {
        shell.complain(link + " is something else, and was left alone");
      }
    }
    return made;
  }

  private void report(Path target, List<Path> links) {
    Path commands = links.isEmpty() ? target.resolve("bin") : home().resolve(".local/bin");
    boolean onPath =
        Stream.of(shell.environment().getOrDefault("PATH", "").split(File.pathSeparator))
            .anyMatch(entry -> entry.equals(commands.toString()));
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("ok", true);
    result.put("directory", target.toString());
    result.put("links", links.stream().map(Path::toString).toList());
    result.put("on_path", onPath);
    if (json) {
      shell.printJson(result);
      return;
    }
    shell.print("Installed in " + target + "; its commands are in " + commands + ".");
    if (!onPath && !withoutLinks) {
      shell.print("Put them on your PATH, in your shell's profile too:");
      shell.print("  export PATH=" + commands + ":$PATH");
    }
  }
}
