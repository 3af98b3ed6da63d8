package dev.peers.mcp.link;

import static dev.peers.tck.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sessions that do not read what they are sent, and sessions that do not come to an end. */
class SessionMemoryTest {
  private static final int LIMIT = 4 << 20;
  private static final int SESSIONS = 24;
  private static final byte[] LINE = ("x".repeat(100_000) + "\n").getBytes(StandardCharsets.UTF_8);

  @TempDir Path directory;
  private final SessionMemory memory = new SessionMemory(LIMIT);
  private final ExecutorService workers = Executors.newFixedThreadPool(8);
  private final AtomicInteger ended = new AtomicInteger();
  private final List<SocketChannel> channels = new ArrayList<>();
  private LineServer server;

  @BeforeEach
  void begin() {
    server = LineServer.listen(directory.resolve("s"), workers, memory, Talker::new, () -> {});
  }

  @AfterEach
  void end() throws IOException {
    for (SocketChannel channel : channels) {
      channel.close();
    }
    server.close();
    workers.shutdownNow();
  }

  @Test
  void theOneWithMostIsHungUpOnWhereAllTogetherReadTooLittle() throws Exception {
    SocketChannel reader = connect();
    for (int i = 0; i < SESSIONS; i++) {
      say(connect(), "20\n");
    }

    eventually("some have been hung up on", () -> ended.get() > 2);
    eventually("the others hold what they may", () -> memory.total() <= LIMIT);
    assertThat(ended.get()).isLessThan(SESSIONS);
    // The one that reads is served.
    say(reader, "1\n");
    ByteBuffer answer = ByteBuffer.allocate(LINE.length);
    while (answer.hasRemaining()) {
      assertThat(reader.read(answer)).isPositive();
    }
    for (SocketChannel channel : channels) {
      channel.close();
    }
    eventually("nothing is held for those who are gone", () -> memory.total() == 0);
  }

  @Test
  void linesThatDoNotEndCountToo() throws Exception {
    for (int i = 0; i < SESSIONS; i++) {
      SocketChannel channel = connect();
      say(channel, "0\n");
      try {
        say(channel, "y".repeat(900_000));
      } catch (IOException e) {
        // It was the largest.
      }
    }
    eventually("some have been hung up on", () -> ended.get() >= SESSIONS - LIMIT / 900_000);
    assertThat(memory.total()).isLessThanOrEqualTo(LIMIT);
  }

  private SocketChannel connect() throws IOException {
    SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(directory.resolve("s")));
    channels.add(channel);
    return channel;
  }

  private static void say(SocketChannel channel, String text) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /** Sends as many lines as it is asked for. */
  private final class Talker implements LineConnection.Handler {
    private final LineConnection connection;

    Talker(LineConnection connection) {
      this.connection = connection;
      connection.establish();
    }

    @Override
    public void line(byte[] line) {
      try {
        for (int i = Integer.parseInt(new String(line, StandardCharsets.UTF_8)); i > 0; i--) {
          connection.send(LINE);
        }
      } catch (IOException e) {
        // It was the one with most.
      }
    }

    @Override
    public void lineTooLong() {}

    @Override
    public void end() {
      ended.incrementAndGet();
    }
  }
}
