package com.example.daemon;

import dev.peers.Broker;
import dev.peers.client.Brokers;
import dev.peers.daemon.BrokerDaemon;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Map;

/** Starts the whole broker, and finds it as any other program does. */
public final class Daemon {
  private Daemon() {}

  public static void main(String[] args) throws IOException {
    Map<String, String> environment =
        Map.of(
            "CLAUDE_PEERS_DB", args[0],
            "CLAUDE_PEERS_PORT", Integer.toString(freePort()),
            "CLAUDE_PEERS_SUMMARIZER", "off");
    try (BrokerDaemon daemon = BrokerDaemon.start(environment);
        Broker broker = Brokers.find(environment).orElseThrow()) {
      if (broker.status().pid() != ProcessHandle.current().pid()) {
        throw new AssertionError("another broker was found: " + broker.status());
      }
      System.out.println("serving at " + daemon.address());
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    }
  }
}
