package dev.peers.transport.http.wire;

import dev.peers.PeersException;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Tells who has a port, as far as the system says: for the server that wanted it, and for the
 * client that met something else than a broker there. On Linux that is the process; on other
 * systems, and for processes of other users, only what the program says of itself. All of it is for
 * a message, and nothing is decided by it.
 */
public final class PortOwner {
  private static final String LISTENING = "0A";
  private static final int PATIENCE_MILLIS = 300;
  private static final int MAX_ANSWER = 4_096;
  private static final String PROGRAM = "dev.peers.cli.Main";

  private static final String OTHER_BROKER = "a Peers broker of another database";
  private static final String CLAIMANT = ", which says that it is a Peers broker,";
  private static final String NO_BROKER = ", which is not a Peers broker,";

  private PortOwner() {}

  /** A phrase such as {@code process 4711 (python3), which is not a Peers broker,}. */
  public static String describe(URI address) {
    Owner owner = owner(address.getPort()).orElse(new Owner("another program", false));
    return owner.name + (owner.peers ? ", " + OTHER_BROKER + "," : answer(address));
  }

  /** Who listens at an address of this machine, such as {@code process 4711 (ssh)}. */
  public static Optional<String> holder(URI address) {
    String host = String.valueOf(address.getHost());
    return host.equals("localhost") || host.startsWith("127.") || host.equals("[::1]")
        ? owner(address.getPort())
            .map(owner -> owner.name + (owner.peers ? ", a Peers broker" : ""))
        : Optional.empty();
  }

  /** The process, or at least the user; empty where the system lists no sockets. */
  private static Optional<Owner> owner(int port) {
    return socket(port)
        .map(
            socket -> process(socket).orElse(new Owner("a program of user " + socket.user, false)));
  }

  /**
   * What the program says of itself when asked; nothing if it is silent, as a broker is that is
   * stopped. Any program can say that it is a broker. The request has no token, which another
   * program must not learn.
   */
  private static String answer(URI address) {
    try {
      HttpURLConnection health =
          (HttpURLConnection) address.resolve("/health").toURL().openConnection(Proxy.NO_PROXY);
      health.setConnectTimeout(PATIENCE_MILLIS);
      health.setReadTimeout(PATIENCE_MILLIS);
      try (InputStream in = health.getInputStream()) {
        JsonFields answer = WireCodec.readObject(in.readNBytes(MAX_ANSWER));
        return Protocol.isBroker(answer) ? CLAIMANT : NO_BROKER;
      } finally {
        health.disconnect();
      }
    } catch (SocketTimeoutException e) {
      return "";
    } catch (IOException | PeersException e) {
      return NO_BROKER;
    }
  }

  /** A program, and whether its command line is that of a Peers broker. */
  private record Owner(String name, boolean peers) {}

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
  private static Optional<Owner> process(ListeningSocket socket) {
    String wanted = "socket:[" + socket.inode + "]";
    return ProcessHandle.allProcesses()
        .filter(process -> holds(process.pid(), wanted))
        .findFirst()
        .map(
            process ->
                new Owner(
                    "process "
                        + process.pid()
                        + process
                            .info()
                            .command()
                            .map(c -> " (" + Path.of(c).getFileName() + ")")
                            .orElse(""),
                    runsPeers(process.pid())));
  }

  /** A name in a command line can be had by any program; of the same user's this is good enough. */
  private static boolean runsPeers(long pid) {
    try {
      return Files.readString(Path.of("/proc/" + pid + "/cmdline"), StandardCharsets.ISO_8859_1)
          .contains(PROGRAM);
    } catch (IOException e) {
      return false;
    }
  }

  /** Whether a process has that socket among its open files. */
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
