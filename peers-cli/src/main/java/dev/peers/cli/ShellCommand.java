package dev.peers.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What all commands have in common. */
@Command(
    footerHeading = "%nExamples:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:done", "1:failed", "2:wrong usage or a wrong setting"})
abstract class ShellCommand implements Callable<Integer> {
  static final int OK = 0;
  static final int FAILED = 1;
  static final int WRONG_USAGE = 2;

  @Option(names = "--json", description = "Print JSON instead of text.")
  boolean json;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  boolean help;

  final Shell shell;

  ShellCommand(Shell shell) {
    this.shell = shell;
  }
}
