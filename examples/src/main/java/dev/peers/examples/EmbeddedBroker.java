package dev.peers.examples;

import dev.peers.Batch;
import dev.peers.Broker;
import dev.peers.MessageState;
import dev.peers.Receipt;
import dev.peers.Registration;
import dev.peers.SessionKey;
import dev.peers.Take;
import dev.peers.Workspace;
import dev.peers.broker.InMemoryStore;
import dev.peers.broker.LocalBroker;
import dev.peers.client.PeerSession;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Two sessions in one program, with a broker of their own that forgets everything at its end. */
public final class EmbeddedBroker {
  private EmbeddedBroker() {}

  /**
   * Runs the recipe.
   *
   * @param args none
   * @throws InterruptedException if the wait for the message is interrupted
   */
  public static void main(String[] args) throws InterruptedException {
    run(System.out::println);
  }

  static void run(Consumer<String> out) throws InterruptedException {
    ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    try (Broker broker = LocalBroker.over(new InMemoryStore()).build();
        PeerSession eel = join(broker, "eel", timer);
        PeerSession crab = join(broker, "crab", timer)) {

      CountDownLatch mail = new CountDownLatch(1);
      crab.onMail(mail::countDown);
      Receipt sent = eel.send(crab.id(), "What files are you currently editing?");
      if (!mail.await(10, TimeUnit.SECONDS)) {
        throw new IllegalStateException("no wake-up within 10 s");
      }

      // Taken mail comes again unless it is acknowledged within the lease.
      Batch batch = crab.take(Take.queued(10, Duration.ofSeconds(30)));
      batch.messages().forEach(m -> out.accept(m.from().name() + " asks: " + m.text()));
      broker.acknowledge(crab.id(), batch.ids());

      MessageState state = broker.receipt(sent.id()).orElseThrow().state();
      out.accept("The message is " + state + ".");
    } finally {
      timer.shutdown();
    }
  }

  private static PeerSession join(Broker broker, String project, ScheduledExecutorService timer) {
    Registration registration =
        Registration.builder(
                new SessionKey("session-of-" + project), Workspace.of("/code/" + project))
            .agent("example")
            .build();
    return PeerSession.join(broker, () -> registration, timer);
  }
}
