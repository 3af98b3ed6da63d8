package dev.peers.cli.shell;

import java.io.Console;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whether there is somebody to ask, and what they say; whether there is a screen, and how large.
 */
public final class Terminal {
  private static final int LONGEST_ANSWER = 1024;

  private Terminal() {}

  // Newer JDKs, which may have a console without a terminal, are asked below.
  @SuppressWarnings("SystemConsoleNull")
  public static boolean isInteractive() {
    Console console = System.console();
    if (console == null) {
      return false;
    }
    try {
      return (boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (ReflectiveOperationException e) {
      // Before JDK 22 a console is a terminal.
      return true;
    }
  }

  /**
   * How much a screen shows.
   *
   * @param columns cells in a line
   * @param rows lines
   */
  public record Size(int columns, int rows) {
    private static final Size USUAL = new Size(80, 24);
  }

  /** The size of the terminal that standard output is; empty if it is none. */
  public static Optional<Size> size(Map<String, String> environment) {
    Size size;
    try {
      String[] told = stty("size").strip().split(" ");
      size =
          told.length == 2
              ? new Size(number(told[1], Size.USUAL.columns), number(told[0], Size.USUAL.rows))
              : Size.USUAL;
    } catch (IOException e) {
      if (!isInteractive()) {
        return Optional.empty();
      }
      size = Size.USUAL;
    }
    return Optional.of(
        new Size(
            number(environment.get("COLUMNS"), size.columns),
            number(environment.get("LINES"), size.rows)));
  }

  /**
   * Asks or sets the terminal that standard output is.
   *
   * @param arguments those of stty
   * @return what it printed
   * @throws IOException if there is no stty, or if standard output is no terminal
   */
  static String stty(String arguments) throws IOException {
    // Standard output stays the terminal, so what it prints comes another way.
    Process process =
        new ProcessBuilder("sh", "-c", "exec stty " + arguments + " <&1 >&2")
            .redirectOutput(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (var printed = process.getErrorStream()) {
      process.getOutputStream().close();
      String text = new String(printed.readAllBytes(), StandardCharsets.US_ASCII);
      if (process.waitFor() != 0) {
        throw new IOException(text.strip());
      }
      return text;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private static int number(@Nullable String text, int otherwise) {
    // Zero is what a terminal says that does not know.
    return text != null && text.matches("[1-9][0-9]{0,3}") ? Integer.parseInt(text) : otherwise;
  }

  /** Asks; anything but a yes is a no. */
  public static boolean agrees(CommandIo shell, String question) throws IOException {
    shell.out().print(question);
    shell.out().flush();
    StringBuilder answer = new StringBuilder();
    for (int c = shell.in().read(); c >= 0 && c != '\n'; c = shell.in().read()) {
      if (answer.length() == LONGEST_ANSWER) {
        return false;
      }
      answer.append((char) c);
    }
    String word = answer.toString().strip().toLowerCase(Locale.ROOT);
    return word.equals("y") || word.equals("yes");
  }
}
