package dev.peers.daemon;

import dev.peers.Batch;
import dev.peers.ErrorCode;
import dev.peers.Limits;
import dev.peers.PeersException;
import dev.peers.client.Brokers;
import dev.peers.client.HostName;
import dev.peers.local.BrokerFiles;
import dev.peers.spi.StoreConfig;
import java.io.File;
import java.net.URI;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * All settings, read once from the environment. A value that makes no sense is refused with the
 * variable's name and what was expected.
 *
 * @param environment the variables, for what is passed on to other processes
 * @param host the address that a local broker listens on
 * @param port the port of a local broker, 0 for any free one
 * @param files where a local broker's files are
 * @param url the broker to use instead of a local one; null for the local one
 * @param authenticated whether callers must know the token
 * @param store the store's provider
 * @param transport the transport's provider
 * @param summarizer the summarizer's provider, or {@code auto} or {@code off}
 * @param plugins further jars in which providers are looked for
 * @param machine what this machine is called in a network
 * @param limits what the broker allows
 */
public record Config(
    Map<String, String> environment,
    String host,
    int port,
    BrokerFiles files,
    @Nullable URI url,
    boolean authenticated,
    String store,
    String transport,
    String summarizer,
    List<Path> plugins,
    String machine,
    Limits limits) {

  /** The store that needs nothing but a file. */
  static final String DEFAULT_STORE = "sqlite";

  static final String DEFAULT_TRANSPORT = "http";

  private static final int DEFAULT_PORT = 7899;
  private static final Pattern HOST = Pattern.compile("[\\p{Alnum}._:%\\[\\]-]+");
  private static final Pattern SECONDS = Pattern.compile("[0-9]{1,5}");
  private static final Pattern VISIBLE = Pattern.compile("[!-~]+");
  private static final String STORE_OPTION = "CLAUDE_PEERS_STORE_";

  public static Config of(Map<String, String> environment) {
    checkOneOf(environment, "CLAUDE_PEERS_CHANNEL", "on", "off", "auto");
    checkOneOf(environment, "CLAUDE_PEERS_INBOX", "on", "off");
    checkOneOf(environment, "CLAUDE_PEERS_STOP_HOOK", "on", "off");
    checkWakeInterval(environment);
    checkToken(environment);
    return new Config(
        Map.copyOf(environment),
        host(environment),
        number(environment, "CLAUDE_PEERS_PORT", DEFAULT_PORT, 1, 65_535),
        files(environment),
        url(environment),
        !"off".equals(checkOneOf(environment, "CLAUDE_PEERS_AUTH", "token", "off").orElse("token")),
        value(environment, "CLAUDE_PEERS_STORE").orElse(DEFAULT_STORE),
        value(environment, "CLAUDE_PEERS_TRANSPORT").orElse(DEFAULT_TRANSPORT),
        value(environment, "CLAUDE_PEERS_SUMMARIZER").orElse(SummarizerChain.AUTO),
        plugins(environment),
        HostName.of(environment),
        limits(environment));
  }

  /** The same with some variables set otherwise. */
  public Config with(Map<String, String> variables) {
    Map<String, String> changed = new HashMap<>(environment);
    changed.putAll(variables);
    return of(changed);
  }

  public Config withPort(int other) {
    return new Config(
        environment,
        host,
        other,
        files,
        url,
        authenticated,
        store,
        transport,
        summarizer,
        plugins,
        machine,
        limits);
  }

  /** What is set for the store alone: {@code CLAUDE_PEERS_STORE_URL} is its option {@code url}. */
  public StoreConfig storeConfig() {
    Map<String, String> options = new HashMap<>();
    environment.forEach(
        (name, value) -> {
          if (name.startsWith(STORE_OPTION)) {
            options.put(name.substring(STORE_OPTION.length()).toLowerCase(Locale.ROOT), value);
          }
        });
    return new StoreConfig(files.database(), options);
  }

  /**
   * The token of the broker at {@link #url}: what is set, else what its file has, else for one on
   * this machine the local broker's.
   */
  Optional<String> remoteToken() {
    return Brokers.remoteToken(environment);
  }

  private static String host(Map<String, String> environment) {
    String host = value(environment, "CLAUDE_PEERS_HOST").orElse("127.0.0.1");
    if (!HOST.matcher(host).matches()) {
      throw invalid("CLAUDE_PEERS_HOST", host, "expected an address such as 127.0.0.1 or a name");
    }
    return host;
  }

  /** The hook itself reads it, and is a shell script. */
  private static void checkWakeInterval(Map<String, String> environment) {
    value(environment, "CLAUDE_PEERS_WAKE_INTERVAL")
        .filter(text -> !SECONDS.matcher(text).matches())
        .ifPresent(
            text -> {
              throw invalid(
                  "CLAUDE_PEERS_WAKE_INTERVAL",
                  text,
                  "expected a number of seconds from 0 to 99999");
            });
  }

  /** What no header can carry is not a token; it may be a secret all the same. */
  private static void checkToken(Map<String, String> environment) {
    if (value(environment, "CLAUDE_PEERS_TOKEN")
        .filter(t -> !VISIBLE.matcher(t).matches())
        .isPresent()) {
      throw invalid(
          "CLAUDE_PEERS_TOKEN",
          "…",
          "expected what is in the .token file of the broker: letters, digits, - and _");
    }
  }

  private static List<Path> plugins(Map<String, String> environment) {
    String jars = value(environment, "CLAUDE_PEERS_WITH").orElse("");
    try {
      return Stream.of(jars.split(Pattern.quote(File.pathSeparator)))
          .filter(jar -> !jar.isBlank())
          .map(jar -> CurrentDirectory.resolve(Path.of(jar.strip())))
          .toList();
    } catch (InvalidPathException e) {
      throw invalid("CLAUDE_PEERS_WITH", jars, "expected paths of jars");
    }
  }

  private static BrokerFiles files(Map<String, String> environment) {
    try {
      value(environment, "CLAUDE_PEERS_DB")
          .ifPresent(path -> CurrentDirectory.resolve(Path.of(path)));
      return BrokerFiles.of(environment);
    } catch (InvalidPathException e) {
      throw invalid(
          "CLAUDE_PEERS_DB", environment.getOrDefault("CLAUDE_PEERS_DB", ""), "expected a path");
    }
  }

  private static @Nullable URI url(Map<String, String> environment) {
    try {
      return Brokers.remoteAddress(environment).orElse(null);
    } catch (PeersException e) {
      throw new InvalidSetting(e.getMessage());
    }
  }

  private static Limits limits(Map<String, String> environment) {
    int maxRate = limit(environment, "CLAUDE_PEERS_MAX_RATE", Limits.DEFAULT.messagesPerMinute());
    return new Limits(
        number(
            environment, "CLAUDE_PEERS_MAX_UNREAD", Limits.DEFAULT.maxUnread(), 0, Batch.MAX_COUNT),
        maxRate,
        // Who lifts the one guard against loops means the other too.
        limit(
            environment,
            "CLAUDE_PEERS_MAX_TURNS",
            maxRate == 0 ? 0 : Limits.DEFAULT.repliesPerHour()),
        Limits.DEFAULT.timeToLive(),
        Limits.DEFAULT.retention());
  }

  private static int limit(Map<String, String> environment, String name, int otherwise) {
    return number(environment, name, otherwise, 0, Integer.MAX_VALUE);
  }

  private static int number(
      Map<String, String> environment, String name, int otherwise, int min, int max) {
    Optional<String> text = value(environment, name);
    if (text.isEmpty()) {
      return otherwise;
    }
    try {
      int number = Integer.parseInt(text.get());
      if (number >= min && number <= max) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Refused below.
    }
    throw invalid(name, text.get(), "expected a whole number from " + min + " to " + max);
  }

  private static Optional<String> checkOneOf(
      Map<String, String> environment, String name, String... values) {
    Optional<String> given = value(environment, name).map(value -> value.toLowerCase(Locale.ROOT));
    if (given.isPresent()) {
      for (String value : values) {
        if (value.equals(given.get())) {
          return given;
        }
      }
      throw invalid(
          name,
          value(environment, name).orElse(""),
          "expected one of: " + String.join(", ", values));
    }
    return given;
  }

  private static Optional<String> value(Map<String, String> environment, String name) {
    return Optional.ofNullable(environment.get(name)).map(String::strip).filter(v -> !v.isEmpty());
  }

  private static InvalidSetting invalid(String name, String value, String expected) {
    return new InvalidSetting(name + " is '" + value + "'; " + expected);
  }

  /** A setting that makes no sense, which is the user's to correct. */
  public static final class InvalidSetting extends PeersException {
    private static final long serialVersionUID = 1L;

    InvalidSetting(String message) {
      super(ErrorCode.INVALID_ARGUMENT, message);
    }
  }
}
