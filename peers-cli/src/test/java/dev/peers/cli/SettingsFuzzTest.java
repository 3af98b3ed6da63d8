package dev.peers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.peers.ErrorCode;
import dev.peers.PeersException;
import dev.peers.daemon.Config;
import dev.peers.daemon.TokenFile;
import dev.peers.local.BrokerInfo;
import dev.peers.tck.FuzzContract;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.MethodSource;

/** A lock file, a token file, and an environment of lines such as "NAME=value". */
class SettingsFuzzTest implements FuzzContract {
  private static final String TOKEN = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG";

  private Path file;

  @BeforeAll
  void makeFile(@TempDir Path directory) {
    file = directory.resolve("file");
  }

  @Override
  public int mutations() {
    return 500;
  }

  @Override
  public Stream<byte[]> seeds() {
    return FuzzContract.texts(
        "{\"pid\":7,\"address\":\"http://127.0.0.1:7899\",\"version\":\"1\",\"socket\":\"/s\"}",
        "{\"pid\":[],\"address\":\"%\",\"socket\":\"\\u0000\"}",
        TOKEN,
        "\ufeff" + TOKEN + "\n",
        "CLAUDE_PEERS_PORT=7899\nCLAUDE_PEERS_DB=~/x.db\nHOME=/h\nXDG_RUNTIME_DIR=/r",
        "CLAUDE_PEERS_URL=http://[::1]:1\nCLAUDE_PEERS_AUTH=off\nCLAUDE_PEERS_CHANNEL=auto",
        "CLAUDE_PEERS_MAX_UNREAD=0\nCLAUDE_PEERS_MAX_RATE=2147483647\nCLAUDE_PEERS_STORE=memory",
        "HOME=\u0000\nXDG_RUNTIME_DIR=\u0000\nCLAUDE_PEERS_PORT=\u0661");
  }

  @Override
  @MethodSource("seeds")
  @FuzzTest
  public void holds(byte[] input) throws IOException {
    Files.write(file, input);
    BrokerInfo.read(file).ifPresent(card -> assertThat(card.address()).isNotNull());
    try {
      TokenFile.read(file).ifPresent(token -> assertThat(token).matches("[A-Za-z0-9_-]{43,128}"));
    } catch (PeersException e) {
      assertThat(e.code()).isEqualTo(ErrorCode.UNAUTHORIZED);
      assertThat(e.getMessage()).doesNotContain(TOKEN);
    }
    try {
      Config config = Config.of(environment(input));
      assertThat(config.port()).isBetween(1, 65_535);
      assertThat(config.url() == null || config.url().getHost() != null).isTrue();
    } catch (Config.InvalidSetting e) {
      assertThat(e.getMessage()).matches("(?s)[A-Z_]+ is '.*'; expected .*");
    }
  }

  private static Map<String, String> environment(byte[] input) {
    Map<String, String> environment = new HashMap<>();
    for (String line : new String(input, StandardCharsets.UTF_8).split("\n")) {
      int equals = line.indexOf('=');
      if (equals > 0) {
        environment.put(line.substring(0, equals), line.substring(equals + 1));
      }
    }
    return environment;
  }
}
