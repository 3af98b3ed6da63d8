package dev.peers.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BrokerInfoTest {
  @TempDir Path directory;

  @Test
  void readsWhatItHasWritten() throws IOException {
    Path lock = directory.resolve("peers.lock");
    Files.writeString(lock, "x".repeat(2_000));
    for (String socket : new String[] {"/höme/😀 \"a\"/p.sock", "C:\\Users\\ada\\p.sock"}) {
      BrokerInfo card =
          new BrokerInfo(
              7,
              URI.create("http://127.0.0.1:7899"),
              "0.1.0",
              Path.of(socket),
              socket.length() > 20);
      try (FileChannel channel =
          FileChannel.open(lock, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
        card.write(channel);
        assertThat(BrokerInfo.read(channel)).contains(card);
      }
      assertThat(BrokerInfo.read(lock)).contains(card);
      assertThat(BrokerInfo.readOwn(lock)).contains(card);
    }
    // The shell of peers-wake reads it, too.
    assertThat(Files.readString(lock)).startsWith("{\"pid\":7,\"address\":\"http:");
  }

  @Test
  void passesOverWhatANewerBrokerMayAdd() throws IOException {
    assertThat(
            read(
                "{ \"more\" : [ 1, {\"address\":\"http://h:1\"}, \"]\" ], \"pid\":8 ,\"on\":true,"
                    + "\"other\":{},\"address\":\"http:\\/\\/127.0.0.1:\\u0031\" }\n"))
        .isEqualTo(
            new BrokerInfo(8, URI.create("http://127.0.0.1:1"), "unknown", Path.of(""), false));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{}",
        "[]",
        "{\"address\":7",
        "{\"address\":\"http://h:1\"",
        "{\"address\":\"http://h:1\"} {",
        "{\"address\":\"http://h:1\",}",
        "{\"address\":\"http://h:1\",\"pid\":\"x\"}",
        "{\"address\":\"a b\"}",
        "{\"address\":\"\\u00g0\"}",
        "{\"address\":\"\\",
      })
  void whatIsNotACardIsNone(String content) throws IOException {
    assertThat(read(content)).isNull();
    assertThat(read("[".repeat(2_000) + content)).isNull();
  }

  @Test
  void noFileIsNoCard() throws IOException {
    assertThat(BrokerInfo.read(directory.resolve("none"))).isEmpty();
    assertThat(BrokerInfo.readOwn(directory.resolve("none"))).isEmpty();
  }

  private BrokerInfo read(String content) throws IOException {
    Path lock = directory.resolve("peers.lock");
    Files.writeString(lock, content);
    return BrokerInfo.read(lock).orElse(null);
  }
}
