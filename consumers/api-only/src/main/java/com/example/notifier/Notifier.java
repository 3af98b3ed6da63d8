package com.example.notifier;

import dev.peers.Broker;
import dev.peers.OutgoingMessage;
import dev.peers.Peer;
import dev.peers.PeerId;
import dev.peers.PeerQuery;
import dev.peers.PeersException;
import dev.peers.Scope;
import dev.peers.spi.Providers;
import dev.peers.spi.TransportProvider;

/** Tells every peer something, over whichever broker it is given. */
public record Notifier(Broker broker, PeerId self) {

  void tell(String text) {
    for (Peer peer : broker.list(PeerQuery.active(Scope.machine()).without(self))) {
      broker.send(OutgoingMessage.of(self, peer.id(), text));
    }
  }

  /** With the API alone there is no transport: it has to say so. */
  public static void main(String[] args) {
    try {
      Providers.of(TransportProvider.class).named("http");
      throw new AssertionError("a transport came with the API");
    } catch (PeersException e) {
      if (!e.getMessage().contains("available: none")) {
        throw e;
      }
      System.out.println(e.getMessage());
    }
  }
}
