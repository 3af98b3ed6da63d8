package dev.peers.cli.shell;

import dev.peers.UntrustedText;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A terminal's second screen, drawn over and over, and the keys pressed meanwhile. Closing it, or
 * any signal that ends the process, gives the terminal back as it was.
 */
public final class LiveScreen implements AutoCloseable {
  private static final String ESC = "\u001b[";
  // The second screen, no cursor, no line wrap: a character wider than thought moves no other line.
  private static final String ENTER = ESC + "?1049h" + ESC + "?25l" + ESC + "?7l";
  private static final String LEAVE = ESC + "?7h" + ESC + "?25h" + ESC + "?1049l";
  // Terminals that know these show what is between them at once.
  private static final String BEGIN = ESC + "?2026h" + ESC + "H";
  private static final String END = ESC + "J" + ESC + "?2026l";

  private final CommandIo shell;
  private final String settings;
  private final BlockingQueue<Integer> keys = new LinkedBlockingQueue<>();
  private final Thread restore = new Thread(this::restore, "peers-screen-restore");
  // Also held while writing: nothing may be drawn once the terminal was given back.
  private final Object lock = new Object();
  // Guarded by lock.
  private boolean restored;
  private String drawn = "";

  private LiveScreen(CommandIo shell, String settings) {
    this.shell = shell;
    this.settings = settings;
  }

  /** Takes the terminal; empty if standard output is none that can be drawn on. */
  public static Optional<LiveScreen> open(CommandIo shell) {
    if (shell.environment().getOrDefault("TERM", "dumb").equals("dumb")) {
      return Optional.empty();
    }
    try {
      LiveScreen screen = new LiveScreen(shell, Terminal.stty("-g").strip());
      Runtime.getRuntime().addShutdownHook(screen.restore);
      // Keys come one by one and unseen; stopped, it could not give the terminal back.
      Terminal.stty("-icanon -echo susp undef");
      shell.out().print(ENTER);
      Thread reader = new Thread(screen::readKeys, "peers-keys");
      reader.setDaemon(true);
      reader.start();
      return Optional.of(screen);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  public Terminal.Size size() {
    // The variables do not follow when a window changes.
    return Terminal.size(Map.of()).orElseGet(() -> new Terminal.Size(80, 24));
  }

  /** Shows these lines and nothing else; what others wrote in them cannot steer the terminal. */
  public void draw(List<String> lines) {
    StringBuilder text = new StringBuilder(BEGIN);
    for (int i = 0; i < lines.size(); i++) {
      text.append(i == 0 ? "" : "\r\n")
          .append(UntrustedText.lines(lines.get(i)).replace('\n', ' ').replace('\t', ' '))
          .append(ESC)
          .append('K');
    }
    String frame = text.append(END).toString();
    synchronized (lock) {
      if (!restored && !frame.equals(drawn)) {
        shell.out().print(frame);
        shell.out().flush();
        drawn = frame;
      }
    }
  }

  /** Waits for a key, no longer than this; empty if none was pressed. */
  public Optional<Character> key(Duration patience) throws InterruptedException {
    return Optional.ofNullable(keys.poll(patience.toNanos(), TimeUnit.NANOSECONDS))
        .map(key -> (char) key.intValue());
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(restore);
    } catch (IllegalStateException e) {
      // The process ends already, and the hook runs.
    }
    restore();
  }

  private void restore() {
    synchronized (lock) {
      if (restored) {
        return;
      }
      restored = true;
      shell.out().print(LEAVE);
      shell.out().flush();
      try {
        Terminal.stty(settings);
      } catch (IOException e) {
        // The terminal itself is gone.
      }
    }
  }

  private void readKeys() {
    try {
      for (int key = shell.in().read(); key >= 0; key = shell.in().read()) {
        keys.add(key);
      }
    } catch (IOException e) {
      // No keys, then.
    }
  }
}
