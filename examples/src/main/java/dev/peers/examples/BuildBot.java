package dev.peers.examples;

import dev.peers.Broker;
import dev.peers.Message;
import dev.peers.Registration;
import dev.peers.SessionKey;
import dev.peers.client.Brokers;
import dev.peers.client.GitWorkspace;
import dev.peers.client.PeerSession;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** A program that agents can ask; what they asked while it was away it answers when it is back. */
public final class BuildBot {
  private BuildBot() {}

  /**
   * Runs the recipe until nobody has asked for an hour.
   *
   * @param args none
   * @throws InterruptedException if it is interrupted
   */
  public static void main(String[] args) throws InterruptedException {
    run(System.getenv(), Duration.ofHours(1));
  }

  static void run(Map<String, String> environment, Duration patience) throws InterruptedException {
    Registration registration =
        Registration.builder(new SessionKey("build-bot"), GitWorkspace.at(Path.of("")))
            .name("build-bot")
            .summary("Knows whether the build is green. Ask it.")
            .build();
    try (Broker broker = Brokers.findOrStart(environment, "peers", Duration.ofSeconds(30));
        PeerSession bot = PeerSession.join(broker, registration)) {
      Optional<Message> question = bot.receive(patience);
      while (question.isPresent()) {
        bot.reply(question.get(), "It is green.");
        question = bot.receive(patience);
      }
    }
  }
}
