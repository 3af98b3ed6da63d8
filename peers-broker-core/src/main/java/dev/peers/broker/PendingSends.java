package dev.peers.broker;

import dev.peers.Receipt;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends that wait for the store on no thread. There are so many at most, as their texts are in
 * memory; who finds no room waits for the store itself.
 */
final class PendingSends implements AutoCloseable {
  /** As many as go well into one transaction. */
  static final int MAX = 256;

  private static final System.Logger LOG = System.getLogger(PendingSends.class.getName());
  private static final int PATIENCE_SECONDS = 2;

  private final Semaphore room = new Semaphore(MAX);
  // Not those that call listeners, who may hold them up.
  private final ExecutorService workers = BrokerExecutors.workers("peers-sent");

  /** Makes room for one more, which {@link #start} uses; false if there is none. */
  boolean enter() {
    return room.tryAcquire();
  }

  /**
   * Starts an append and lets its sender know.
   *
   * @param append the append, which may be completed on a thread that the store needs
   * @param atOnce what follows from it before anything else; it does not wait
   * @param after what else follows, on a thread that may wait
   * @return what is completed on a thread that may wait, when all of that is done or with what went
   *     wrong
   */
  CompletionStage<Receipt> start(
      Supplier<CompletionStage<Receipt>> append,
      Consumer<Receipt> atOnce,
      Consumer<Receipt> after) {
    CompletableFuture<Receipt> answer = new CompletableFuture<>();
    CompletionStage<Receipt> stored;
    try {
      stored = Objects.requireNonNull(append.get(), "a store gives a stage");
    } catch (RuntimeException | Error e) {
      stored = CompletableFuture.failedStage(e);
    }
    var unused =
        stored.whenComplete(
            (receipt, failure) -> {
              try {
                if (failure == null) {
                  atOnce.accept(receipt);
                }
                workers.execute(() -> complete(answer, receipt, failure, after));
              } catch (Throwable e) {
                // What is durable is so, whatever was to follow from it: the broker is closing.
                LOG.log(System.Logger.Level.DEBUG, "nothing follows from a send", e);
                complete(answer, receipt, failure, done -> {});
              }
            });
    return answer;
  }

  /** Waits a little for those that are stored already; to be called when the store is closed. */
  @Override
  public void close() {
    workers.shutdown();
    try {
      if (workers.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    // Whoever waits for an answer gets it, though it be here.
    workers.shutdownNow().forEach(Runnable::run);
  }

  private void complete(
      CompletableFuture<Receipt> answer,
      Receipt receipt,
      @Nullable Throwable failure,
      Consumer<Receipt> after) {
    room.release();
    if (failure != null) {
      Throwable cause = failure instanceof CompletionException e ? e.getCause() : failure;
      answer.completeExceptionally(cause == null ? failure : cause);
      return;
    }
    try {
      after.accept(receipt);
      answer.complete(receipt);
    } catch (Throwable e) {
      answer.completeExceptionally(e);
    }
  }
}
