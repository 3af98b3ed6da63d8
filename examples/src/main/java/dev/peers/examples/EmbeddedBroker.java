package dev.peers.examples;

import dev.peers.Broker;
import dev.peers.Message;
import dev.peers.Receipt;
import dev.peers.Registration;
import dev.peers.SessionKey;
import dev.peers.Subscription;
import dev.peers.Workspace;
import dev.peers.broker.InMemoryStore;
import dev.peers.broker.LocalBroker;
import dev.peers.client.PeerSession;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/** Two sessions in one program, with a broker of their own that forgets everything at its end. */
public final class EmbeddedBroker {
  private EmbeddedBroker() {}

  /**
   * Runs the recipe.
   *
   * @param args none
   * @throws InterruptedException if the wait for an answer is interrupted
   */
  public static void main(String[] args) throws InterruptedException {
    run(System.out::println);
  }

  static void run(Consumer<String> out) throws InterruptedException {
    try (Broker broker = LocalBroker.over(new InMemoryStore()).build();
        PeerSession eel = PeerSession.join(broker, session("eel"));
        PeerSession crab = PeerSession.join(broker, session("crab"))) {

      Subscription answers =
          crab.onMessage(question -> crab.reply(question, "Lexer.java, until noon."));
      Optional<Message> answer =
          eel.ask(crab.id(), "What files are you currently editing?", Duration.ofSeconds(10));
      out.accept(answer.map(Message::text).orElse("crab is silent"));
      answers.close();

      Receipt sent = eel.send(crab.id(), "Thank you.");
      crab.receive(Duration.ofSeconds(10)).ifPresent(m -> out.accept("crab reads: " + m.text()));
      out.accept("It is " + broker.receipt(sent.id()).orElseThrow().state() + ".");
    }
  }

  private static Registration session(String project) {
    return Registration.builder(
            new SessionKey("session-of-" + project), Workspace.of("/code/" + project))
        .agent("example")
        .build();
  }
}
