package dev.peers.daemon;

import dev.peers.Limits;
import dev.peers.broker.BrokerExecutors;
import dev.peers.broker.InMemoryStore;
import dev.peers.broker.LocalBroker;
import dev.peers.local.BrokerFiles;
import dev.peers.local.PrivateFiles;
import dev.peers.mcp.Gateway;
import dev.peers.spi.BrokerStore;
import dev.peers.spi.Providers;
import dev.peers.spi.StoreConfig;
import dev.peers.spi.StoreProvider;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Two sessions that exist for a moment in a network of their own and write to each other so often
 * that the JVM compiles what a message passes through. A broker is at rest most of its life;
 * without this each of its first hundreds of messages takes twice as long.
 */
final class JitWarmUp implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(JitWarmUp.class.getName());

  /** Not while the sessions that a broker was started for are getting ready. */
  private static final long AFTER_MILLIS = 1_000;

  private static final long PATIENCE_MILLIS = 2_000;

  /** Whatever does not come by then does not come. */
  private static final long MOST_SECONDS = 60;

  /** The JVM compiles what was called four hundred times; what not every message needs, later. */
  static final int MESSAGES = 600;

  private static final Limits UNLIMITED =
      new Limits(0, 0, 0, Limits.DEFAULT.timeToLive(), Limits.DEFAULT.retention());
  private static final Pattern ID = Pattern.compile("You are peer ([a-z0-9-]+)");

  private final Thread thread;

  private JitWarmUp(Config config, Path stage, long afterMillis) {
    thread =
        new Thread(
            () -> {
              try {
                Thread.sleep(afterMillis);
                run(config, stage);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              } catch (IOException | RuntimeException e) {
                LOG.log(System.Logger.Level.DEBUG, "no rehearsal: {0}", e.getMessage());
              }
            },
            "peers-rehearsal");
    thread.setDaemon(true);
    thread.start();
  }

  /** Has it done in the background, once the start is over. */
  static JitWarmUp soon(Config config) {
    return after(AFTER_MILLIS, config, stage(config));
  }

  static JitWarmUp after(long millis, Config config, Path stage) {
    return new JitWarmUp(config, stage, millis);
  }

  /** Breaks it off. */
  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join(PATIENCE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** One place for each broker that may run, so that it finds what one that was killed has left. */
  private static Path stage(Config config) {
    String lock = config.files().lock().toString();
    UUID name = UUID.nameUUIDFromBytes(lock.getBytes(StandardCharsets.UTF_8));
    // Short, as the path of a socket has room for a hundred characters.
    return BrokerFiles.runtimeDirectory(config.environment())
        .resolve(Long.toString(name.getMostSignificantBits(), Character.MAX_RADIX));
  }

  /** Has it done now, in a directory that is gone afterwards; how many messages arrived. */
  static int run(Config config, Path stage) throws IOException {
    PrivateFiles.requireOwn(stage);
    PrivateFiles.makeDirectory(stage);
    PrivateFiles.requireOwn(stage);
    PrivateFiles.deleteTree(stage);
    PrivateFiles.makeDirectory(stage);
    int arrived = 0;
    Path socket = stage.resolve("sock");
    ExecutorService workers = BrokerExecutors.workers("peers-rehearsal");
    ScheduledExecutorService timer = BrokerExecutors.timer("peers-rehearsal-timer");
    try (LocalBroker broker = LocalBroker.over(store(config, stage)).limits(UNLIMITED).build()) {
      Gateway gateway = Gateway.builder(socket, broker).executors(workers, timer).open();
      try (gateway;
          Session writer = new Session(socket, "writer");
          Session reader = new Session(socket, "reader")) {
        var unused =
            timer.schedule(
                () -> {
                  reader.channel.close();
                  writer.channel.close();
                  return null;
                },
                MOST_SECONDS,
                TimeUnit.SECONDS);
        for (int i = 1; i <= MESSAGES; i++) {
          writer.call(
              i, "send_message", "\"targetPeerId\":\"" + reader.id + "\",\"message\":\"hello\"");
          reader.await(line -> line.contains("claude/channel"));
          arrived++;
        }
      }
    } finally {
      workers.shutdown();
      timer.shutdownNow();
      PrivateFiles.deleteTree(stage);
    }
    return arrived;
  }

  /** The store that the broker uses, if that is a file; a shared one is not for playing. */
  private static BrokerStore store(Config config, Path directory) {
    return config.store().equals(Config.DEFAULT_STORE)
        ? Providers.of(StoreProvider.class)
            .named(Config.DEFAULT_STORE)
            .open(StoreConfig.at(directory.resolve("rehearsal.db")))
        : new InMemoryStore();
  }

  /** One side of the conversation, as a relay speaks for an agent. */
  private static final class Session implements AutoCloseable {
    private final SocketChannel channel;
    private final BufferedReader lines;
    final String id;

    Session(Path socket, String name) throws IOException {
      channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
      lines = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
      say(
          "{\"peers_hello\":1,\"instance\":\"%1$s\",\"session_key\":\"%1$s\",\"pid\":%2$d,\"cwd\":\"/\",\"env\":{\"CLAUDE_PEERS_CHANNEL\":\"on\"}}"
              .formatted(name, ProcessHandle.current().pid()));
      say(
          "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{},\"clientInfo\":{\"name\":\"rehearsal\",\"version\":\"1\"}}}");
      Matcher found = ID.matcher(await(line -> line.contains("\"id\":0")));
      if (!found.find()) {
        throw new IOException("no id was given");
      }
      id = found.group(1);
      say("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}");
    }

    void call(int request, String tool, String arguments) throws IOException {
      say(
          "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"tools/call\",\"params\":{\"name\":\"%s\",\"arguments\":{%s}}}"
              .formatted(request, tool, arguments));
      String answer = await(line -> line.contains("\"id\":" + request + ","));
      if (answer.contains("\"isError\":true")) {
        throw new IOException(answer);
      }
      say("{\"peers_written\":" + request + "}");
    }

    String await(Predicate<String> wanted) throws IOException {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (wanted.test(line)) {
          return line;
        }
      }
      throw new IOException("the connection ended");
    }

    private void say(String line) throws IOException {
      ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
