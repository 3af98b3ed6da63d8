package dev.peers.examples;

import dev.peers.Broker;
import dev.peers.client.Brokers;
import dev.peers.daemon.BrokerDaemon;
import java.util.Map;
import java.util.function.Consumer;

/** The broker that {@code peers broker} is, within a program: agents' sessions find it. */
public final class WholeBroker {
  private WholeBroker() {}

  /**
   * Runs the recipe until a command asks the broker to stop.
   *
   * @param args none
   * @throws InterruptedException if the wait is interrupted
   */
  public static void main(String[] args) throws InterruptedException {
    try (BrokerDaemon daemon = BrokerDaemon.start(System.getenv())) {
      System.out.println("Serving at " + daemon.address());
      daemon.awaitStopRequest();
    }
  }

  static void run(Map<String, String> environment, Consumer<String> out) {
    try (BrokerDaemon daemon = BrokerDaemon.start(environment);
        Broker broker = Brokers.find(environment).orElseThrow()) {
      out.accept("process " + broker.status().pid() + " serves at " + daemon.address());
    }
  }
}
