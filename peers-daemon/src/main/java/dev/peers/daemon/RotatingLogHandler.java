package dev.peers.daemon;

import dev.peers.UntrustedText;
import dev.peers.local.PrivateFiles;
import dev.peers.local.SideFiles;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.temporal.ChronoUnit;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.logging.ConsoleHandler;
import java.util.logging.ErrorManager;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The broker's log: one line for each record, in a file of its owner's that is put aside as {@code
 * .1} when it gets long. Texts of messages are never logged.
 */
public final class RotatingLogHandler extends Handler implements AutoCloseable {
  private static final long MAX_BYTES = 1 << 20;

  private final Path file;
  // Guarded by this.
  private @Nullable OutputStream out;
  private long size;

  RotatingLogHandler(Path file) {
    this.file = file;
    setFormatter(new OneLine());
  }

  /** Sends all logging of this process to a file. */
  static void use(Path file) {
    install(new RotatingLogHandler(file));
  }

  /** Sends logging from a level on to standard error. */
  public static void useStandardError(Level level) {
    ConsoleHandler console = new ConsoleHandler();
    console.setLevel(level);
    console.setFormatter(new OneLine());
    install(console);
  }

  private static void install(Handler handler) {
    LogManager.getLogManager().reset();
    Logger root = Logger.getLogger("");
    root.setLevel(Level.INFO);
    // Libraries tell of their own working at INFO.
    for (String name : new String[] {"org.eclipse.jetty", "org.sqlite", "org.postgresql"}) {
      quiet(name, Level.WARNING);
    }
    // The MCP SDK logs what agents say; what fails there is answered, and logged by us.
    quiet("io.modelcontextprotocol", Level.OFF);
    // A connection that is lost is opened again, and else the store says so.
    quiet("com.zaxxer.hikari", Level.SEVERE);
    root.addHandler(handler);
  }

  private static void quiet(String name, Level level) {
    Logger library = Logger.getLogger(name);
    library.setLevel(level);
    KEPT.add(library);
  }

  /** The log manager forgets loggers, and their levels, that nobody holds. */
  private static final Set<Logger> KEPT = ConcurrentHashMap.newKeySet();

  @Override
  public synchronized void publish(LogRecord record) {
    if (!isLoggable(record)) {
      return;
    }
    byte[] line = getFormatter().format(record).getBytes(StandardCharsets.UTF_8);
    try {
      if (out != null && size + line.length > MAX_BYTES) {
        putAside(out);
      }
      if (out == null) {
        PrivateFiles.requireOwn(file);
        SideFiles.requireLog(file);
        FileChannel channel =
            FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.APPEND),
                PrivateFiles.ownerOnly(file));
        size = channel.size();
        out = Channels.newOutputStream(channel);
      }
      out.write(line);
      size += line.length;
    } catch (IOException e) {
      reportError("cannot write " + file, e, ErrorManager.WRITE_FAILURE);
    }
  }

  /** A file of the user's that has the name it would get is left alone: then it grows on. */
  private void putAside(OutputStream full) throws IOException {
    Path former = SideFiles.former(file);
    size = 0;
    try {
      SideFiles.requireLog(former);
    } catch (IOException e) {
      reportError("cannot put " + file + " aside", e, ErrorManager.WRITE_FAILURE);
      return;
    }
    full.close();
    out = null;
    Files.move(file, former, StandardCopyOption.REPLACE_EXISTING);
  }

  @Override
  public void flush() {
    // Every line is written when it is published.
  }

  @Override
  public synchronized void close() {
    try {
      if (out != null) {
        out.close();
        out = null;
      }
    } catch (IOException e) {
      reportError("cannot close " + file, e, ErrorManager.CLOSE_FAILURE);
    }
  }

  /** A record as one line; the lines of a stack trace follow, indented. */
  private static final class OneLine extends Formatter {
    @Override
    public String format(LogRecord record) {
      StringBuilder line = new StringBuilder(160);
      line.append(record.getInstant().truncatedTo(ChronoUnit.MILLIS)).append(' ');
      line.append(record.getLevel().getName()).append(' ');
      String logger = record.getLoggerName();
      line.append(logger == null ? "" : logger.substring(logger.lastIndexOf('.') + 1)).append(": ");
      line.append(UntrustedText.line(formatMessage(record))).append('\n');
      if (record.getThrown() != null) {
        StringWriter trace = new StringWriter();
        record.getThrown().printStackTrace(new PrintWriter(trace));
        line.append("    ")
            .append(UntrustedText.lines(trace.toString().strip()).replace("\n", "\n    "))
            .append('\n');
      }
      return line.toString();
    }
  }
}
