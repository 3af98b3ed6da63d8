package dev.peers.daemon;

import dev.peers.PeersException;
import dev.peers.local.BrokerInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What is done where the port of the last broker is another user's by now. Clients of Peers send no
 * token there, but scripts may have done so: the token is replaced.
 *
 * @param config the settings of the broker that wanted the port
 * @param last the card of the broker before; null if there was none
 */
record LostPort(Config config, @Nullable BrokerInfo last) {
  private static final System.Logger LOG = System.getLogger(LostPort.class.getName());
  private static final String LISTENING = "0A";

  /** Replaces the token if another user listens where the last broker did; called once. */
  void rotateIfTaken() {
    if (last == null
        || !config.authenticated()
        || last.address().getPort() != config.port()
        || !isAnotherUsers(config.port())) {
      return;
    }
    try {
      TokenFile.write(config.files().token(), TokenFile.random());
      LOG.log(
          System.Logger.Level.WARNING,
          "another user''s program listens at {0}, where the last broker did, and may have been sent"
              + " the token; there is a new one in {1}",
          last.address(),
          config.files().token());
    } catch (PeersException e) {
      LOG.log(System.Logger.Level.WARNING, e.getMessage());
    }
  }

  /**
   * Whether a listening socket belongs to another user, as far as Linux tells.
   *
   * @see <a href="https://man7.org/linux/man-pages/man5/proc_pid_net.5.html">proc_pid_net(5)</a>
   */
  private static boolean isAnotherUsers(int port) {
    String local = ":" + HexFormat.of().toHexDigits((short) port).toUpperCase(Locale.ROOT);
    try {
      String self = Files.getAttribute(Path.of("/proc/self"), "unix:uid").toString();
      for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
        for (String line : Files.readAllLines(Path.of(table))) {
          String[] fields = line.strip().split("\\s+");
          if (fields.length > 9
              && fields[1].endsWith(local)
              && fields[3].equals(LISTENING)
              && !fields[7].equals(self)) {
            return true;
          }
        }
      }
    } catch (IOException | RuntimeException e) {
      // Another system, which does not say.
    }
    return false;
  }
}
