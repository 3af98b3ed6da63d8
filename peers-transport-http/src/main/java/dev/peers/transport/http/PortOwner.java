package dev.peers.transport.http;

import dev.peers.PeersException;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Tells who has a port that the broker wanted, as far as the system says. */
final class PortOwner {
  private static final String LISTENING = "0A";
  private static final int PATIENCE_MILLIS = 300;
  private static final int MAX_ANSWER = 4_096;

  private PortOwner() {}

  /** A phrase such as {@code process 4711 (python3), which is no Peers broker,}. */
  static String describe(URI address) {
    String owner = owner(address.getPort()).orElse("another program");
    String broker = broker(address);
    return owner + (broker == null ? ", which is no Peers broker," : ", " + broker + ",");
  }

  /** Who listens at an address of this machine, such as {@code process 4711 (ssh)}. */
  static Optional<String> holder(URI address) {
    String host = String.valueOf(address.getHost());
    return host.equals("localhost") || host.startsWith("127.") || host.equals("[::1]")
        ? owner(address.getPort())
        : Optional.empty();
  }

  private static Optional<String> owner(int port) {
    return socket(port).map(socket -> process(socket).orElse("a program of user " + socket.user));
  }

  /** It is asked without any token: whoever it is shall not learn ours. */
  private static @Nullable String broker(URI address) {
    try {
      HttpURLConnection health =
          (HttpURLConnection) address.resolve("/health").toURL().openConnection(Proxy.NO_PROXY);
      health.setConnectTimeout(PATIENCE_MILLIS);
      health.setReadTimeout(PATIENCE_MILLIS);
      try (InputStream in = health.getInputStream()) {
        JsonFields answer = WireCodec.readObject(in.readNBytes(MAX_ANSWER));
        return "claude-peers".equals(answer.textOrNull("service"))
            ? "a Peers broker of another database"
            : null;
      } finally {
        health.disconnect();
      }
    } catch (IOException | PeersException e) {
      return null;
    }
  }

  /** A listening socket as Linux lists it. */
  private record ListeningSocket(String inode, String user) {}

  /**
   * Finds the socket that listens on a port.
   *
   * @see <a href="https://man7.org/linux/man-pages/man5/proc_pid_net.5.html">proc_pid_net(5)</a>
   */
  private static Optional<ListeningSocket> socket(int port) {
    String local = ":" + HexFormat.of().toHexDigits((short) port).toUpperCase(Locale.ROOT);
    for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
      try {
        for (String line : Files.readAllLines(Path.of(table))) {
          String[] fields = line.strip().split("\\s+");
          if (fields.length > 9 && fields[1].endsWith(local) && fields[3].equals(LISTENING)) {
            return Optional.of(new ListeningSocket(fields[9], fields[7]));
          }
        }
      } catch (IOException e) {
        // Another system, or none of our business.
      }
    }
    return Optional.empty();
  }

  /** Finds the process that holds a socket, which is possible for those of the same user. */
  private static Optional<String> process(ListeningSocket socket) {
    String wanted = "socket:[" + socket.inode + "]";
    return ProcessHandle.allProcesses()
        .filter(process -> holds(process.pid(), wanted))
        .findFirst()
        .map(
            process ->
                "process "
                    + process.pid()
                    + process
                        .info()
                        .command()
                        .map(c -> " (" + Path.of(c).getFileName() + ")")
                        .orElse(""));
  }

  private static boolean holds(long pid, String wanted) {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(Path.of("/proc/" + pid + "/fd"))) {
      for (Path file : files) {
        if (Files.isSymbolicLink(file) && Files.readSymbolicLink(file).toString().equals(wanted)) {
          return true;
        }
      }
    } catch (IOException | RuntimeException e) {
      // Another user's process, or one that has just ended.
    }
    return false;
  }
}
