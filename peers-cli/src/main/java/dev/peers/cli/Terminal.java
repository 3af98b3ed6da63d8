package dev.peers.cli;

import java.io.Console;
import java.io.IOException;
import java.util.Locale;

/** Whether there is somebody to ask, and what they say. */
final class Terminal {
  private static final int LONGEST_ANSWER = 1024;

  private Terminal() {}

  // Newer JDKs, which may have a console without a terminal, are asked below.
  @SuppressWarnings("SystemConsoleNull")
  static boolean isInteractive() {
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

  /** Asks; anything but a yes is a no. */
  static boolean agrees(Shell shell, String question) throws IOException {
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
