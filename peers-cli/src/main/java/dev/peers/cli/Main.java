package dev.peers.cli;

/** The command line of Peers, and its broker daemon. */
public final class Main {
  private Main() {}

  /**
   * Runs one command and ends the process with its exit code.
   *
   * @param args see {@code peers --help}
   */
  public static void main(String[] args) {
    boolean detached = args.length == 2 && args[0].equals("broker") && args[1].equals("--detached");
    System.exit(
        detached ? DetachedBroker.run(System.getenv()) : Commands.run(Shell.ofThisProcess(), args));
  }
}
