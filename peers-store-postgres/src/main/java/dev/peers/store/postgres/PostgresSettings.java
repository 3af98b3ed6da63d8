package dev.peers.store.postgres;

import dev.peers.ErrorCode;
import dev.peers.PeersException;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.PGProperty;
import org.postgresql.ds.PGSimpleDataSource;

/** Where the server is and how to use it. Holds a secret, which no text of this class shows. */
final class PostgresSettings {
  private static final String SCHEME = "jdbc:postgresql:";
  private static final Pattern IDENTIFIER = Pattern.compile("[a-z_][a-z0-9_]{0,39}");

  /** What the address may override: a cut network is noticed, and data stays out of errors. */
  private static final Map<PGProperty, String> DEFAULTS =
      Map.of(
          PGProperty.APPLICATION_NAME, "peers",
          PGProperty.CONNECT_TIMEOUT, "5",
          PGProperty.SOCKET_TIMEOUT, "10",
          PGProperty.TCP_KEEP_ALIVE, "true",
          PGProperty.LOG_SERVER_ERROR_DETAIL, "false",
          // After a failover the old primary may still answer.
          PGProperty.TARGET_SERVER_TYPE, "primary");

  private final String url;
  private final Properties parsed;
  private final @Nullable String user;
  private final @Nullable String password;
  private final String schema;
  private final int pool;

  private PostgresSettings(
      String url,
      Properties parsed,
      @Nullable String user,
      @Nullable String password,
      String schema,
      int pool) {
    this.url = url;
    this.parsed = parsed;
    this.user = user;
    this.password = password;
    this.schema = schema;
    this.pool = pool;
  }

  static PostgresSettings of(Map<String, String> options) {
    String url = options.getOrDefault("url", "").strip();
    String schema = options.getOrDefault("schema", "peers");
    if (!IDENTIFIER.matcher(schema).matches()) {
      throw invalid(
          "the schema '"
              + schema
              + "' is malformed; expected 1 to 40 of a-z, 0-9 and '_', such as peers");
    }
    return new PostgresSettings(
        url,
        parse(url),
        options.get("user"),
        options.get("password"),
        schema,
        pool(options.getOrDefault("pool", "4")));
  }

  String schema() {
    return schema;
  }

  int pool() {
    return pool;
  }

  /** The server and the database, for errors. */
  String address() {
    String[] hosts = PGProperty.PG_HOST.getOrDefault(parsed).split(",", -1);
    String[] ports = PGProperty.PG_PORT.getOrDefault(parsed).split(",", -1);
    StringBuilder address = new StringBuilder();
    for (int i = 0; i < hosts.length; i++) {
      address.append(i == 0 ? "" : ",").append(hosts[i]).append(':').append(ports[i]);
    }
    return address.append('/').append(PGProperty.PG_DBNAME.getOrDefault(parsed)).toString();
  }

  /** What makes connections; each call yields another, so that it can be changed. */
  PGSimpleDataSource dataSource() {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setUrl(url);
    DEFAULTS.forEach(
        (property, value) -> {
          if (parsed.getProperty(property.getName()) == null) {
            source.setProperty(property, value);
          }
        });
    if (user != null) {
      source.setUser(user);
    }
    if (password != null) {
      source.setPassword(password);
    }
    return source;
  }

  @Override
  public String toString() {
    return address() + " schema " + schema;
  }

  /** None of the refusals repeats the address: it may hold a password. */
  private static Properties parse(String url) {
    String expected = "set CLAUDE_PEERS_STORE_URL to jdbc:postgresql://host:5432/database";
    if (url.isEmpty()) {
      throw invalid("the address of the PostgreSQL server is missing; " + expected);
    }
    if (!url.startsWith(SCHEME)) {
      throw invalid(
          "the address of the PostgreSQL server does not begin with " + SCHEME + "; " + expected);
    }
    int query = url.indexOf('?');
    if (url.substring(0, query < 0 ? url.length() : query).indexOf('@') >= 0) {
      throw invalid(
          "the address of the PostgreSQL server has a user before its host; give user and password"
              + " for themselves, and "
              + expected);
    }
    Properties parsed = Driver.parseURL(url, null);
    if (parsed == null) {
      throw invalid("the address of the PostgreSQL server is malformed; " + expected);
    }
    return parsed;
  }

  private static int pool(String text) {
    try {
      int pool = Integer.parseInt(text.strip());
      if (pool >= 1 && pool <= 64) {
        return pool;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw invalid("the number of connections '" + text + "' is out of range; expected 1 to 64");
  }

  private static PeersException invalid(String message) {
    return new PeersException(ErrorCode.STORE_FAILED, message);
  }
}
