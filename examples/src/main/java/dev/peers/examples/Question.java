package dev.peers.examples;

import dev.peers.Broker;
import dev.peers.Message;
import dev.peers.Registration;
import dev.peers.SessionKey;
import dev.peers.Workspace;
import dev.peers.broker.InMemoryStore;
import dev.peers.broker.LocalBroker;
import dev.peers.client.PeerSession;
import java.time.Duration;

/** Two sessions in one program; one asks, the other answers. */
public final class Question {
  public static void main(String[] args) throws InterruptedException {
    try (Broker broker = LocalBroker.over(new InMemoryStore()).build();
        PeerSession eel = PeerSession.join(broker, session("eel"));
        PeerSession crab = PeerSession.join(broker, session("crab"))) {
      var answers = crab.onMessage(question -> crab.reply(question, "Lexer.java."));
      eel.ask(crab.id(), "What files are you currently editing?", Duration.ofSeconds(10))
          .map(Message::text)
          .ifPresent(System.out::println);
      answers.close();
    }
  }

  private static Registration session(String name) {
    return Registration.builder(new SessionKey("session-of-" + name), Workspace.of("/code/" + name))
        .build();
  }
}
