package dev.peers.store.sqlite;

import dev.peers.Sender;
import dev.peers.spi.BrokerStore;
import dev.peers.spi.NewMessage;
import dev.peers.spi.StoreConfig;
import dev.peers.tck.StoreContract;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A process of its own that uses a store and ends as if it were killed. */
final class HaltedBroker {
  private HaltedBroker() {}

  /** Path, first number, last number; messages are acknowledged, and nothing is closed. */
  public static void main(String[] arguments) throws IOException {
    BrokerStore store = new SqliteStoreProvider().open(StoreConfig.at(Path.of(arguments[0])));
    append(store, Integer.parseInt(arguments[1]), Integer.parseInt(arguments[2]));
    System.out.println("done");
    // Until the end of the input, or at once where there is none.
    System.in.transferTo(System.err);
    Runtime.getRuntime().halt(0);
  }

  static void append(BrokerStore store, int from, int to) {
    for (int i = from; i <= to; i++) {
      store.append(
          new NewMessage(
              new Sender(StoreContract.EEL, "eel", "eel", "/w", null),
              StoreContract.OWL,
              i + " " + "x".repeat(300),
              StoreContract.NOW,
              StoreContract.NOW.plusSeconds(60),
              null,
              null));
    }
  }

  /** Starts one, and waits until its messages are acknowledged; it then holds the database open. */
  static Process start(Path file, int from, int to) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-Xshare:auto",
            "-cp",
            System.getProperty("java.class.path"),
            HaltedBroker.class.getName(),
            file.toString(),
            Integer.toString(from),
            Integer.toString(to));
    builder.redirectError(ProcessBuilder.Redirect.DISCARD);
    Process process = builder.start();
    String line = process.inputReader(StandardCharsets.UTF_8).readLine();
    if (!"done".equals(line)) {
      process.destroyForcibly();
      throw new IOException("it said " + line);
    }
    return process;
  }

  /** The same, and kills it then. */
  static void run(Path file, int from, int to) throws IOException, InterruptedException {
    kill(start(file, from, to));
  }

  static void kill(Process process) throws InterruptedException {
    process.destroyForcibly();
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      throw new IllegalStateException("it lives on");
    }
  }
}
