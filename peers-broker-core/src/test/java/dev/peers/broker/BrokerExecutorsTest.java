package dev.peers.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BrokerExecutorsTest {
  private final ExecutorService workers = BrokerExecutors.workers("test-workers");

  @AfterEach
  void stop() {
    workers.shutdownNow();
  }

  @Test
  void allMayWaitForAResultAtTheSameTime() throws Exception {
    CompletableFuture<String> result = new CompletableFuture<>();
    CountDownLatch waiting = new CountDownLatch(16);
    List<Future<String>> calls = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      calls.add(
          workers.submit(
              () -> {
                waiting.countDown();
                return result.get();
              }));
    }
    assertThat(waiting.await(10, TimeUnit.SECONDS)).isTrue();

    result.complete("there");

    for (Future<String> call : calls) {
      assertThat(call.get(10, TimeUnit.SECONDS)).isEqualTo("there");
    }
  }

  @Test
  void itsThreadsEndNoProgramByThemselvesAndHaveItsName() throws Exception {
    Thread thread = workers.submit(Thread::currentThread).get(10, TimeUnit.SECONDS);

    assertThat(thread.isDaemon()).isTrue();
    if (Runtime.version().feature() < 21) {
      assertThat(thread.getName()).startsWith("test-workers-");
    }
  }
}
