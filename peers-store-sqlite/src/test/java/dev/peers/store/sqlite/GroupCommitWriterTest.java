package dev.peers.store.sqlite;

import static dev.peers.tck.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peers.PeersException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.BusyHandler;
import org.sqlite.SQLiteCommitListener;
import org.sqlite.SQLiteConnection;

class GroupCommitWriterTest {
  private static final int CALLERS = 100;

  @TempDir Path directory;

  private final AtomicInteger commits = new AtomicInteger();
  private final AtomicInteger written = new AtomicInteger();

  @Test
  void whoWaitsWhileACommitRunsIsInTheNextOne() throws InterruptedException {
    SqliteDatabase database = SqliteDatabase.open(directory.resolve("peers.db"));
    CountDownLatch busy = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    try (GroupCommitWriter writer = new GroupCommitWriter(database, () -> {})) {
      writer.write(this::count);
      writer.write(connection -> connection.handle().execute("CREATE TABLE t (n INTEGER)"));
      commits.set(0);
      List<Thread> callers = new ArrayList<>();
      callers.add(startAndHoldUp(writer, busy, go));
      busy.await();
      for (int i = 1; i < CALLERS; i++) {
        callers.add(start(() -> writer.write(GroupCommitWriterTest::insert)));
      }
      for (Thread caller : callers.subList(1, CALLERS)) {
        eventually("it waits", () -> caller.getState() == Thread.State.WAITING);
      }
      assertThat(written).hasValue(0);
      go.countDown();
      for (Thread caller : callers) {
        caller.join();
      }

      assertThat(written).hasValue(CALLERS);
      // Each commit is one sync of the disk: the first, and one for all who waited.
      assertThat(commits).hasValue(2);
    }
  }

  @Test
  void whoFailsTakesNobodyAlongAndLeavesNothing() throws Exception {
    SqliteDatabase database = SqliteDatabase.open(directory.resolve("peers.db"));
    CountDownLatch go = new CountDownLatch(1);
    try (GroupCommitWriter writer = new GroupCommitWriter(database, () -> {})) {
      writer.write(connection -> connection.handle().execute("CREATE TABLE t (n INTEGER)"));
      var first = writer.submit(connection -> awaitAndInsert(go, connection));
      var before = writer.submit(GroupCommitWriterTest::insert);
      var failing =
          writer.submit(
              connection -> {
                insert(connection);
                return connection.handle().execute("INSERT INTO nowhere VALUES (1)");
              });
      var after = writer.submit(GroupCommitWriterTest::insert);
      go.countDown();

      assertThat(first.get() + before.get() + after.get()).isEqualTo(3);
      assertThatThrownBy(failing::get).hasMessageContaining("no such table: nowhere");
      assertThat(
              writer.<Integer>write(
                  connection ->
                      connection
                          .handle()
                          .createQuery("SELECT count(*) FROM t")
                          .mapTo(int.class)
                          .one()))
          .isEqualTo(3);
    }
  }

  @Test
  void aGroupWaitsForAnotherProgramOnce() throws Exception {
    SqliteDatabase database = SqliteDatabase.open(directory.resolve("peers.db"));
    CountDownLatch go = new CountDownLatch(1);
    AtomicInteger waits = new AtomicInteger();
    try (GroupCommitWriter writer = new GroupCommitWriter(database, () -> {});
        StoreConnection other = database.connect()) {
      writer.write(
          connection -> {
            giveUpLocked(connection, waits, go);
            return connection.handle().execute("CREATE TABLE t (n INTEGER)");
          });
      other.handle().execute("BEGIN IMMEDIATE");
      var first = writer.submit(GroupCommitWriterTest::insert);
      eventually("it waits", () -> waits.get() == 1);
      var group =
          Stream.generate(() -> writer.submit(GroupCommitWriterTest::insert)).limit(3).toList();
      go.countDown();

      assertThatThrownBy(first::get).hasMessageContaining("keeps it locked");
      for (var each : group) {
        assertThatThrownBy(each::get).hasMessageContaining("keeps it locked");
      }
      assertThat(waits).hasValue(2);
      other.handle().execute("ROLLBACK");
      assertThat(writer.write(GroupCommitWriterTest::insert)).isEqualTo(1);
    }
  }

  /** Has a connection wait for a lock until it may go on, and then give up. */
  private static void giveUpLocked(
      StoreConnection connection, AtomicInteger waits, CountDownLatch go) throws SQLException {
    BusyHandler.setHandler(
        connection.bare(),
        new BusyHandler() {
          @Override
          protected int callback(int before) {
            waits.incrementAndGet();
            try {
              go.await();
            } catch (InterruptedException e) {
              throw new AssertionError(e);
            }
            return 0;
          }
        });
  }

  /** One that waits for the disk has the whole group wait, and with it what was lazy before. */
  @Test
  void aLazyWriteWaitsForTheDiskOnlyWithOthers() throws Exception {
    SqliteDatabase database = SqliteDatabase.open(directory.resolve("peers.db"));
    CountDownLatch go = new CountDownLatch(1);
    try (GroupCommitWriter writer = new GroupCommitWriter(database, () -> {})) {
      assertThat(writer.writeLazily(GroupCommitWriterTest::synchronous)).isEqualTo("1");
      assertThat(writer.write(GroupCommitWriterTest::synchronous)).isEqualTo("2");

      writer.write(connection -> connection.handle().execute("CREATE TABLE t (n INTEGER)"));
      var busy = writer.submit(connection -> awaitAndInsert(go, connection));
      List<String> seen = new CopyOnWriteArrayList<>();
      List<Thread> callers =
          List.of(
              start(() -> seen.add(writer.writeLazily(GroupCommitWriterTest::synchronous))),
              start(() -> seen.add(writer.write(GroupCommitWriterTest::synchronous))));
      for (Thread caller : callers) {
        eventually("it waits", () -> caller.getState() == Thread.State.WAITING);
      }
      go.countDown();
      assertThat(busy.get()).isEqualTo(1);
      for (Thread caller : callers) {
        caller.join();
      }
      assertThat(seen).containsExactly("2", "2");
    }
  }

  private static String synchronous(StoreConnection connection) {
    return connection.handle().createQuery("PRAGMA synchronous").mapTo(String.class).one();
  }

  @Test
  void aLoneCallerWritesItself() throws Exception {
    SqliteDatabase database = SqliteDatabase.open(directory.resolve("peers.db"));
    CountDownLatch busy = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    try (GroupCommitWriter writer = new GroupCommitWriter(database, () -> {})) {
      Thread test = Thread.currentThread();
      assertThat(writer.<Thread>write(connection -> Thread.currentThread())).isSameAs(test);

      // Behind a write that is under way, whoever does it, it waits like all others.
      writer.write(connection -> connection.handle().execute("CREATE TABLE t (n INTEGER)"));
      Thread other = startAndHoldUp(writer, busy, go);
      busy.await();
      var next = writer.submit(connection -> Thread.currentThread());
      assertThat(next).isNotDone();
      // An interrupt ends the wait, not the write, and is kept.
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> writer.write(GroupCommitWriterTest::insert))
          .hasMessageContaining("interrupted while waiting for a write");
      assertThat(Thread.interrupted()).isTrue();
      go.countDown();
      assertThat(next.get()).isNotIn(test, other);
      other.join();

      // It must not close files either: who is interrupted leaves the write to the writer.
      AtomicReference<Thread> wrote = new AtomicReference<>();
      Thread.currentThread().interrupt();
      try {
        writer.write(connection -> wrote.compareAndSet(null, Thread.currentThread()));
      } catch (PeersException e) {
        // The write was not done yet.
      }
      assertThat(Thread.interrupted()).isTrue();
      eventually("it is written", () -> wrote.get() != null);
      assertThat(wrote.get()).isNotSameAs(test);
      eventually(
          "it is alone again",
          () -> writer.<Thread>write(connection -> Thread.currentThread()) == test);
    }
  }

  @Test
  void manyLoneCallersLoseNothingAndKeepTheirOrder() throws Exception {
    SqliteDatabase database = SqliteDatabase.open(directory.resolve("peers.db"));
    int each = 200;
    try (GroupCommitWriter writer = new GroupCommitWriter(database, () -> {})) {
      writer.write(
          connection -> connection.handle().execute("CREATE TABLE t (caller TEXT, n INTEGER)"));
      List<Thread> callers = new ArrayList<>();
      for (String name : List.of("waits", "waits too", "does not wait")) {
        callers.add(
            start(
                () -> {
                  for (int i = 0; i < each; i++) {
                    int n = i;
                    StoreConnection.Work<Integer> insert =
                        connection ->
                            connection.handle().execute("INSERT INTO t VALUES (?, ?)", name, n);
                    if (name.startsWith("waits") || n == each - 1) {
                      writer.write(insert);
                    } else {
                      var unused = writer.submit(insert);
                    }
                  }
                }));
      }
      for (Thread caller : callers) {
        caller.join();
      }
      List<String> rows =
          writer.write(
              connection ->
                  connection
                      .handle()
                      .createQuery("SELECT caller || ' ' || n FROM t ORDER BY rowid")
                      .mapTo(String.class)
                      .list());
      for (String name : List.of("waits", "waits too", "does not wait")) {
        assertThat(rows.stream().filter(row -> row.matches(name + " [0-9]+")))
            .containsExactlyElementsOf(
                IntStream.range(0, each).mapToObj(n -> name + " " + n).toList());
      }
    }
  }

  @Test
  void closesBehindWhoeverWrites() throws Exception {
    SqliteDatabase database = SqliteDatabase.open(directory.resolve("peers.db"));
    CountDownLatch busy = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    GroupCommitWriter writer = new GroupCommitWriter(database, () -> {});
    writer.write(connection -> connection.handle().execute("CREATE TABLE t (n INTEGER)"));
    Thread caller = startAndHoldUp(writer, busy, go);
    busy.await();
    Thread closer = start(writer::close);
    eventually("it waits", () -> closer.getState() == Thread.State.WAITING);
    assertThatThrownBy(() -> writer.write(GroupCommitWriterTest::insert))
        .hasMessageContaining("was closed");
    assertThat(closer.isAlive()).isTrue();
    go.countDown();
    caller.join();
    closer.join();
    assertThat(written).hasValue(2);
    try (StoreConnection connection = database.connect()) {
      assertThat(connection.handle().createQuery("SELECT count(*) FROM t").mapTo(int.class).one())
          .isEqualTo(1);
    }
  }

  @Test
  void nobodyOvertakesWhatWaits() {
    SqliteDatabase database = SqliteDatabase.open(directory.resolve("peers.db"));
    List<Integer> order = new CopyOnWriteArrayList<>();
    try (GroupCommitWriter writer = new GroupCommitWriter(database, () -> {})) {
      for (int i = 0; i < 500; i += 2) {
        int number = i;
        var unused = writer.submit(connection -> order.add(number));
        writer.write(connection -> order.add(number + 1));
      }
    }
    assertThat(order).hasSize(500).isSorted();
  }

  private Thread start(Runnable call) {
    Thread thread =
        new Thread(
            () -> {
              call.run();
              written.incrementAndGet();
            },
            "test-caller");
    thread.start();
    return thread;
  }

  /** One that writes until it may go on. */
  private Thread startAndHoldUp(GroupCommitWriter writer, CountDownLatch busy, CountDownLatch go) {
    return start(
        () ->
            writer.write(
                connection -> {
                  busy.countDown();
                  return awaitAndInsert(go, connection);
                }));
  }

  private int awaitAndInsert(CountDownLatch go, StoreConnection connection) {
    try {
      go.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    return insert(connection);
  }

  private static int insert(StoreConnection connection) {
    return connection.handle().execute("INSERT INTO t VALUES (1)");
  }

  private Void count(StoreConnection connection) throws SQLException {
    connection
        .bare()
        .unwrap(SQLiteConnection.class)
        .addCommitListener(
            new SQLiteCommitListener() {
              @Override
              public void onCommit() {
                commits.incrementAndGet();
              }

              @Override
              public void onRollback() {}
            });
    return null;
  }
}
