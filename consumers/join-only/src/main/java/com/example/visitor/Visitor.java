package com.example.visitor;

import dev.peers.Broker;
import dev.peers.ErrorCode;
import dev.peers.PeersException;
import dev.peers.client.Brokers;
import java.net.URI;

/** Asks a broker how it is. No broker runs at the address: the client has to say so. */
public final class Visitor {
  private Visitor() {}

  public static void main(String[] args) {
    if (Visitor.class.getResource("/org/eclipse/jetty/server/Server.class") != null) {
      throw new AssertionError("a server came with the client");
    }
    try (Broker broker = Brokers.connect(URI.create("http://127.0.0.1:1"), "a token")) {
      System.out.println(broker.status());
    } catch (PeersException e) {
      if (e.code() != ErrorCode.UNAVAILABLE) {
        throw e;
      }
      System.out.println(e.getMessage());
    }
  }
}
