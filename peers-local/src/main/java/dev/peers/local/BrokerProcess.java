package dev.peers.local;

import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What the system tells of a broker's process. A stopped process holds its locks and its socket,
 * takes connections, and answers nothing.
 *
 * @param pid the process's id
 * @since 0.1
 */
public record BrokerProcess(long pid) {
  private static final int MAX_PROC_FILE = 4096;
  private static final long PS_SECONDS = 2;
  private static final String MAIN = "dev.peers.cli.Main";

  /** The process that a broker's card names; 0 for its id if it names none. */
  static BrokerProcess of(String card) {
    String label = "\"pid\":";
    int from = card.indexOf(label) + label.length();
    int end = from;
    while (end < card.length() && Character.isDigit(card.charAt(end)) && end - from < 18) {
      end++;
    }
    return new BrokerProcess(
        from < label.length() || end == from ? 0 : Long.parseLong(card, from, end, 10));
  }

  /**
   * Why this broker cannot answer, if the system has stopped its process.
   *
   * @return a sentence that names the process and says what to do; null if it is not stopped, or if
   *     that cannot be told
   */
  public @Nullable String stopped() {
    return isStopped()
        ? "the broker, process "
            + pid
            + ", is stopped, as by SIGSTOP, Ctrl-Z or a debugger, and answers nothing; "
            + remedy()
        : null;
  }

  /**
   * What to do about a stopped process.
   *
   * @return a sentence with the commands that resume or end it
   */
  public String remedy() {
    return "'kill -CONT "
        + pid
        + "' lets it go on, or 'kill -KILL "
        + pid
        + "' ends it, and another is started when it is needed. Accepted messages are kept";
  }

  /** Whether it has ended; one that is not yet waited for has. */
  boolean hasEnded() {
    String stat = read("/proc/" + pid + "/stat");
    if (stat != null) {
      char state = state(stat);
      return state == 'Z' || state == 'X';
    }
    return Files.exists(Path.of("/proc/self/stat")) || ProcessHandle.of(pid).isEmpty();
  }

  /**
   * Whether the system has stopped this broker.
   *
   * @return false if it has not, or if that cannot be told
   */
  public boolean isStopped() {
    if (pid <= 0) {
      return false;
    }
    String stat = read("/proc/" + pid + "/stat");
    if (stat != null) {
      String command = read("/proc/" + pid + "/cmdline");
      // In another container's process numbers it may be any program.
      return isStopped(state(stat)) && command != null && command.contains(MAIN);
    }
    return !Files.exists(Path.of("/proc/self/stat"))
        && File.separatorChar == '/'
        && isStopped(askPs());
  }

  private static boolean isStopped(char state) {
    return state == 'T' || state == 't';
  }

  /** "pid (name) state parent …", where the name may have any characters. */
  private static char state(String stat) {
    int at = stat.lastIndexOf(')') + 2;
    return at < stat.length() ? stat.charAt(at) : ' ';
  }

  /** As systems without {@code /proc} tell it. */
  private char askPs() {
    try {
      Process ps =
          new ProcessBuilder("ps", "-o", "stat=", "-p", Long.toString(pid))
              .redirectErrorStream(true)
              .start();
      if (!ps.waitFor(PS_SECONDS, TimeUnit.SECONDS)) {
        ps.destroyForcibly();
        return ' ';
      }
      int first = ps.getInputStream().read();
      return first < 0 ? ' ' : (char) first;
    } catch (IOException e) {
      return ' ';
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return ' ';
    }
  }

  private static @Nullable String read(String file) {
    try (FileInputStream in = new FileInputStream(file)) {
      return new String(in.readNBytes(MAX_PROC_FILE), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return null;
    }
  }
}
