package dev.peers.cli;

import dev.peers.cli.shell.CommandIo;
import dev.peers.cli.startup.StartupArchiveBuilder;
import dev.peers.daemon.DetachedBroker;

/** The command line of Peers, and its broker daemon. */
public final class Main {
  /** What the JVM itself exits with then. */
  private static final int OUT_OF_MEMORY = 3;

  private Main() {}

  /**
   * Runs one command and ends the process with its exit code.
   *
   * @param args see {@code peers --help}
   */
  public static void main(String[] args) {
    boolean broker = args.length > 0 && args[0].equals("broker");
    if (broker) {
      Thread.setDefaultUncaughtExceptionHandler(Main::uncaught);
    }
    boolean detached = args.length == 2 && args[0].equals("broker") && args[1].equals("--detached");
    System.exit(
        detached
            ? DetachedBroker.run(System.getenv(), StartupArchiveBuilder::refresh)
            : Commands.run(CommandIo.ofThisProcess(), args));
  }

  /** A broker whose memory is exhausted ends at once, however it was started; others replace it. */
  private static void uncaught(Thread thread, Throwable e) {
    if (e instanceof OutOfMemoryError) {
      Runtime.getRuntime().halt(OUT_OF_MEMORY);
    }
    System.getLogger(Main.class.getName())
        .log(System.Logger.Level.ERROR, "the thread " + thread.getName() + " failed", e);
  }
}
