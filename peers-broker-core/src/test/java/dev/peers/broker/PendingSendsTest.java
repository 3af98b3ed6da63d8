package dev.peers.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peers.ErrorCode;
import dev.peers.MessageId;
import dev.peers.MessageState;
import dev.peers.PeerId;
import dev.peers.PeersException;
import dev.peers.Receipt;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PendingSendsTest {
  private static final PeerId EEL = new PeerId("eel-2222");
  private static final Receipt RECEIPT =
      new Receipt(
          new MessageId(1),
          EEL,
          EEL,
          MessageState.QUEUED,
          Instant.EPOCH,
          null,
          0,
          null,
          Instant.EPOCH.plusSeconds(60));

  private final PendingSends sends = new PendingSends();
  private final CompletableFuture<Receipt> store = new CompletableFuture<>();

  @AfterEach
  void close() {
    sends.close();
  }

  @Test
  void whoIsToldNeverRunsOnTheStoresThread() throws Exception {
    CompletableFuture<String> teller =
        start()
            .handle((receipt, failure) -> Thread.currentThread().getName())
            .toCompletableFuture();

    Thread writer =
        new Thread(
            () -> store.completeExceptionally(new PeersException(ErrorCode.STORE_FAILED, "full")),
            "the-store");
    writer.start();
    writer.join();

    assertThat(teller.get(10, TimeUnit.SECONDS)).isNotEqualTo("the-store");
  }

  @Test
  void aFailureIsToldAsItIs() {
    CompletionStage<Receipt> answer = start();
    PeersException full = new PeersException(ErrorCode.STORE_FAILED, "full");
    store.completeExceptionally(full);

    assertThatThrownBy(() -> answer.toCompletableFuture().get(10, TimeUnit.SECONDS))
        .cause()
        .isSameAs(full);
  }

  @Test
  void whatIsStoredInTheEndIsAnsweredThoughNothingFollows() throws Exception {
    CompletionStage<Receipt> answer = start();
    sends.close();

    store.complete(RECEIPT);

    assertThat(answer.toCompletableFuture().get(10, TimeUnit.SECONDS)).isEqualTo(RECEIPT);
  }

  @Test
  void whoIsAnsweredMakesRoom() throws Exception {
    CompletionStage<Receipt> answer = start();
    for (int i = 1; i < PendingSends.MAX; i++) {
      assertThat(sends.enter()).isTrue();
    }
    assertThat(sends.enter()).isFalse();

    store.complete(RECEIPT);

    assertThat(answer.toCompletableFuture().get(10, TimeUnit.SECONDS)).isEqualTo(RECEIPT);
    assertThat(sends.enter()).isTrue();
  }

  private CompletionStage<Receipt> start() {
    assertThat(sends.enter()).isTrue();
    return sends.start(() -> store, receipt -> {}, receipt -> {});
  }
}
