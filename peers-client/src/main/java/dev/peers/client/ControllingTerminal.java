package dev.peers.client;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Tells on which terminal a process of this machine runs.
 *
 * @since 0.1
 */
public final class ControllingTerminal {
  private ControllingTerminal() {}

  /**
   * Looks the terminal up where the system tells it without starting a program: on Linux.
   *
   * @param pid a process
   * @return such as {@code pts/3}; empty if it has none, is gone, or the system is another
   * @see <a href="https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html">proc_pid_stat(5)</a>
   */
  public static Optional<String> of(long pid) {
    Path stat = Path.of("/proc/" + pid + "/stat");
    if (!Files.isReadable(stat)) {
      return Optional.empty();
    }
    try {
      String line = Files.readString(stat);
      // The name in parentheses may itself contain anything; fields count from behind it.
      String[] fields = line.substring(line.lastIndexOf(')') + 2).split(" ");
      return name(Integer.parseInt(fields[4]));
    } catch (IOException | RuntimeException e) {
      return Optional.empty();
    }
  }

  /** The device number as the kernel packs it: major in bits 8 to 19, minor around it. */
  static Optional<String> name(int device) {
    int major = (device >> 8) & 0xfff;
    int minor = (device & 0xff) | ((device >> 12) & 0xfff00);
    if (major >= 136 && major <= 143) {
      return Optional.of("pts/" + (minor + (major - 136) * 256));
    }
    return major == 4 && minor < 64 ? Optional.of("tty" + minor) : Optional.empty();
  }
}
