package dev.peers.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peers.Limits;
import dev.peers.client.Brokers;
import dev.peers.local.BrokerFiles;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigTest {
  @TempDir Path home;

  @Test
  void hasTheSpecifiedDefaults() throws Exception {
    Config config = config(Map.of());

    assertThat(config.port()).isEqualTo(7899);
    assertThat(config.authenticated()).isTrue();
    assertThat(config.store()).isEqualTo("sqlite");
    assertThat(config.transport()).isEqualTo("http");
    assertThat(config.summarizer()).isEqualTo("auto");
    assertThat(config.url()).isNull();
    assertThat(config.limits()).isEqualTo(Limits.DEFAULT);
    assertThat(config.limits().messagesPerMinute()).isEqualTo(120);
    assertThat(config.limits().maxUnread()).isEqualTo(1000);
    Path real = home.toRealPath();
    assertThat(config.files().database()).isEqualTo(real.resolve(".claude-peers.db"));
    assertThat(config.files().token()).isEqualTo(real.resolve(".claude-peers.token"));
    assertThat(config.files().socket()).isEqualTo(real.resolve(".claude-peers.sock"));
    assertThat(config.files().log()).isEqualTo(real.resolve(".claude-peers.log"));
    assertThat(config.files().lock()).isEqualTo(real.resolve(".claude-peers.lock"));
  }

  @Test
  void takesWhatIsSet() throws Exception {
    Config config =
        config(
            Map.of(
                "CLAUDE_PEERS_PORT", " 7900 ",
                "CLAUDE_PEERS_DB", home.resolve("other.db").toString(),
                "CLAUDE_PEERS_AUTH", "off",
                "CLAUDE_PEERS_MACHINE", " ada ",
                "CLAUDE_PEERS_MAX_RATE", "0",
                "CLAUDE_PEERS_MAX_UNREAD", "5",
                "CLAUDE_PEERS_STORE", "memory",
                "CLAUDE_PEERS_SUMMARIZER", " off ",
                "CLAUDE_PEERS_CHANNEL", ""));

    assertThat(config.port()).isEqualTo(7900);
    assertThat(config.files().socket()).isEqualTo(home.toRealPath().resolve("other.sock"));
    assertThat(config.authenticated()).isFalse();
    assertThat(config.machine()).isEqualTo("ada");
    assertThat(config.limits().messagesPerMinute()).isZero();
    assertThat(config.limits().maxUnread()).isEqualTo(5);
    assertThat(config.store()).isEqualTo("memory");
    assertThat(config.summarizer()).isEqualTo("off");
  }

  @Test
  void theFilesOfAGatewayToABrokerElsewhereAreItsOwn() throws Exception {
    Path token = home.resolve(".claude-peers.token");
    TokenFile.write(token, "t".repeat(43));
    Config far = config(Map.of("CLAUDE_PEERS_URL", "https://peers.example:8443/"));
    Config near = config(Map.of("CLAUDE_PEERS_URL", "http://127.0.0.1:1234"));

    assertThat(far.url()).isEqualTo(URI.create("https://peers.example:8443/"));
    assertThat(far.files().socket())
        .isEqualTo(home.toRealPath().resolve(".claude-peers-peers.example_8443++tls.sock"));
    // The local broker's secret is for this machine alone.
    assertThat(far.remoteToken()).isEmpty();
    assertThat(near.remoteToken()).contains("t".repeat(43));
    TokenFile.write(far.files().token(), "f".repeat(43));
    assertThat(far.remoteToken()).contains("f".repeat(43));
  }

  @Test
  void programsFindTheTokenWhereSessionsAndCommandsDo() throws Exception {
    List<String> databases = List.of("", "peers.db", "peers", "link.db");
    Files.createSymbolicLink(home.resolve("link.db"), Files.createFile(home.resolve("real.db")));
    List<String> addresses =
        List.of(
            "http://127.0.0.1:1234",
            "http://[::1]:1234/",
            " https://peers.example ",
            "http://" + "long.".repeat(30) + "example:1");
    char letter = 'A';
    for (String database : databases) {
      for (String address : addresses) {
        Map<String, String> environment = new HashMap<>(Map.of("HOME", home.toString()));
        environment.put("CLAUDE_PEERS_URL", address);
        if (!database.isEmpty()) {
          environment.put("CLAUDE_PEERS_DB", home.resolve(database).toString());
        }
        String token = String.valueOf(letter++).repeat(43);
        TokenFile.write(BrokerFiles.of(environment).token(), token);

        assertThat(Brokers.remoteToken(environment)).as("%s", environment).contains(token);
        assertThat(Config.of(environment).remoteToken()).contains(token);
        environment.put("CLAUDE_PEERS_TOKEN", "t".repeat(43));
        assertThat(Brokers.remoteToken(environment)).contains("t".repeat(43));
      }
    }
  }

  @Test
  void whatIsSetForTheStoreGoesToIt() {
    Config config =
        config(Map.of("CLAUDE_PEERS_STORE", "postgres", "CLAUDE_PEERS_STORE_URL", "jdbc:x"));

    assertThat(config.storeConfig().options()).containsExactly(Map.entry("url", "jdbc:x"));
  }

  @Test
  void namesTheVariableThatIsWrongAndWhatWasExpected() {
    refused("CLAUDE_PEERS_PORT", "0", "expected a whole number from 1 to 65535");
    refused("CLAUDE_PEERS_PORT", "65536", "expected a whole number from 1 to 65535");
    refused("CLAUDE_PEERS_PORT", "http", "expected a whole number from 1 to 65535");
    refused("CLAUDE_PEERS_AUTH", "none", "expected one of: token, off");
    refused("CLAUDE_PEERS_CHANNEL", "maybe", "expected one of: on, off, auto");
    refused("CLAUDE_PEERS_MAX_RATE", "-1", "expected a whole number from 0 to 2147483647");
    refused("CLAUDE_PEERS_URL", "localhost:7899", "expected an address such as http://127.0.0.1");
    refused("CLAUDE_PEERS_URL", "http://a b", "expected an address such as http://127.0.0.1");
    refused("CLAUDE_PEERS_URL", "ftp://h:1", "expected an address such as http://127.0.0.1");
    refused("CLAUDE_PEERS_URL", "http://h:99999", "expected an address such as http://127.0.0.1");
    refused("CLAUDE_PEERS_URL", "http://h:1/peers", "nothing behind the port");
    refused("CLAUDE_PEERS_URL", "http://h:1?x=y", "nothing behind the port");
    refused("CLAUDE_PEERS_DB", "a\0b", "expected a path");
    refused("CLAUDE_PEERS_HOST", "no host!", "expected an address such as 127.0.0.1");
    for (String seconds : List.of("soon", "-1", "+5", "100000", "\u0661")) {
      refused(
          "CLAUDE_PEERS_WAKE_INTERVAL", seconds, "expected a number of seconds from 0 to 99999");
    }
    refused("CLAUDE_PEERS_INBOX", "Yes", "expected one of: on, off");
    assertThatThrownBy(() -> config(Map.of("CLAUDE_PEERS_URL", "http://u:secret@h:1")))
        .isInstanceOf(Config.InvalidSetting.class)
        .hasMessageContaining("CLAUDE_PEERS_TOKEN")
        .hasMessageNotContaining("secret");
  }

  private void refused(String variable, String value, String expected) {
    assertThatThrownBy(() -> config(Map.of(variable, value)))
        .isInstanceOf(Config.InvalidSetting.class)
        .hasMessageStartingWith(variable + " is '" + value + "'; ")
        .hasMessageContaining(expected);
  }

  private Config config(Map<String, String> variables) {
    Map<String, String> environment = new HashMap<>(variables);
    environment.put("HOME", home.toString());
    return Config.of(environment);
  }
}
