package dev.peers.store.sqlite;

import static dev.peers.tck.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadConnectionsTest {
  @TempDir Path directory;

  /** One that was left out would go on reading a file that is no longer there. */
  @Test
  void opensThemAllAgainThoughOneIsBusy() throws Exception {
    CountDownLatch busy = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    try (ReadConnections readers =
        new ReadConnections(SqliteDatabase.open(directory.resolve("peers.db").toAbsolutePath()))) {
      List<StoreConnection> before = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        before.add(readers.read(connection -> connection));
      }
      Thread reader =
          new Thread(
              () ->
                  readers.read(
                      connection -> {
                        busy.countDown();
                        try {
                          go.await();
                        } catch (InterruptedException e) {
                          throw new AssertionError(e);
                        }
                        return 0;
                      }));
      reader.start();
      busy.await();
      Thread reopener = new Thread(readers::reopen);
      reopener.start();
      eventually("it waits", () -> reopener.getState() == Thread.State.WAITING);
      go.countDown();
      reader.join();
      reopener.join();

      for (int i = 0; i < 4; i++) {
        assertThat(readers.<StoreConnection>read(connection -> connection)).isNotIn(before);
      }
    }
  }
}
