package com.example.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peers.Broker;
import dev.peers.Message;
import dev.peers.Registration;
import dev.peers.SessionKey;
import dev.peers.Workspace;
import dev.peers.client.Brokers;
import dev.peers.client.PeerSession;
import dev.peers.spi.BrokerServer;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** Another program reaches the application over HTTP. */
@SpringBootTest(properties = "mail.token=a-token-of-the-test")
class MailApplicationTest {
  @TempDir static Path directory;

  @Autowired Broker broker;
  @Autowired BrokerServer server;

  @DynamicPropertySource
  static void database(DynamicPropertyRegistry properties) {
    properties.add("mail.database", () -> directory.resolve("mail.db").toString());
  }

  @Test
  void aMessageFromAnotherProgramIsAnswered() throws InterruptedException {
    try (Broker remote = Brokers.connect(server.address(), "a-token-of-the-test");
        PeerSession visitor = join(remote, "visitor");
        PeerSession application = join(broker, "application");
        var answers = application.onMessage(question -> application.reply(question, "It is up."))) {
      String answer =
          visitor
              .ask(application.id(), "Is it up?", Duration.ofSeconds(30))
              .map(Message::text)
              .orElse("silence");

      assertEquals("It is up.", answer);
    }
  }

  private static PeerSession join(Broker broker, String name) {
    return PeerSession.join(
        broker,
        Registration.builder(new SessionKey("key-of-" + name), Workspace.of("/" + name)).build());
  }
}
