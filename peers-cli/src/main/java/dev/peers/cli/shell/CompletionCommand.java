package dev.peers.cli.shell;

import dev.peers.ErrorCode;
import dev.peers.PeersException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code peers completion}: prints a shell script, which calls the same command with {@code --at}
 * to have one word completed.
 */
@Command(
    name = "completion",
    description = {
      "Print a script that completes commands, options, peers, agents and scopes in bash and zsh.",
      "Put the first line of the examples into ~/.bashrc or ~/.zshrc."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  source <(peers completion)",
      "  peers completion > ~/.local/share/bash-completion/completions/peers"
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:done", "1:failed", "2:wrong usage or a wrong setting"})
public final class CompletionCommand implements Callable<Integer> {
  private static final String SCRIPT = "completion.bash";
  private static final String AT = "--at";
  private static final List<String> SHELLS = List.of("bash", "zsh");

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  boolean help;

  @Option(
      names = AT,
      hidden = true,
      defaultValue = "-1",
      description = "The index of the word to complete.")
  int at = -1;

  @Parameters(hidden = true, arity = "0..*", description = "The words typed after 'peers'.")
  List<String> words = List.of();

  @Spec CommandSpec spec = CommandSpec.create();

  private final CommandIo shell;

  public CompletionCommand(CommandIo shell) {
    this.shell = shell;
  }

  @Override
  public Integer call() {
    if (at < 0) {
      requireShell();
      shell.out().print(script());
    } else {
      candidates().forEach(shell::print);
    }
    return BaseCommand.OK;
  }

  /** To name the shell is usual, and changes nothing: both read the same script. */
  private void requireShell() {
    if (words.size() > 1 || !SHELLS.containsAll(words)) {
      throw new ParameterException(
          spec.commandLine(),
          "'"
              + String.join(" ", words)
              + "' is not a shell that has a script; expected one of: "
              + String.join(", ", SHELLS));
    }
  }

  private String script() {
    try (InputStream in =
        Objects.requireNonNull(CompletionCommand.class.getResourceAsStream(SCRIPT))) {
      String commands =
          spec.root().subcommands().entrySet().stream()
              .filter(command -> !command.getValue().getCommandSpec().usageMessage().hidden())
              .map(Map.Entry::getKey)
              .collect(Collectors.joining("\\n"));
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("@COMMANDS@", commands);
    } catch (IOException e) {
      throw new PeersException(ErrorCode.INTERNAL, "the script cannot be read", e);
    }
  }

  /** What the word may become. Words before it that make no sense leave nothing to offer. */
  private List<String> candidates() {
    List<String> typed = new ArrayList<>(words);
    while (typed.size() <= at) {
      typed.add("");
    }
    String prefix = typed.get(at);
    List<CharSequence> found = new ArrayList<>();
    CommandLine root = spec.root().commandLine();
    AutoComplete.complete(
        root.getCommandSpec(),
        typed.subList(0, at + 1).toArray(String[]::new),
        at,
        prefix.length(),
        0,
        found);
    // The library offers what is missing of each word.
    return List.copyOf(
        found.stream()
            .map(rest -> prefix + rest)
            .filter(word -> !word.equals(AT))
            .collect(Collectors.toCollection(TreeSet::new)));
  }
}
