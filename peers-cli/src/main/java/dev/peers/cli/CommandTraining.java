package dev.peers.cli;

import dev.peers.cli.shell.CommandIo;
import java.util.List;

/**
 * A program that runs the commonest commands, for its JVM to note which classes they take. It talks
 * to the broker of the training that has started it.
 */
final class CommandTraining {
  private static final List<List<String>> COMMANDS =
      List.of(
          List.of("status"),
          List.of("peers", "--json"),
          List.of("send", "operator", "training"),
          List.of("inbox"),
          List.of("log"),
          List.of("--help"));

  private CommandTraining() {}

  /**
   * Runs them all.
   *
   * @param args none
   */
  public static void main(String[] args) {
    for (List<String> command : COMMANDS) {
      // What fails has loaded its classes as well.
      Commands.run(CommandIo.ofThisProcess(), command.toArray(String[]::new));
    }
  }
}
