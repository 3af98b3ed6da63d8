package dev.peers.local;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The locks that make one broker out of many attempts. Both are on bytes far behind the file's
 * content, are held by a process and end with it, however it ends: the running broker holds the
 * one, and whoever is about to start a broker the other.
 *
 * @since 0.1
 */
public final class BrokerLock implements AutoCloseable {
  private static final int MAX_CARD = 1024;
  private static final long RUNNING = Long.MAX_VALUE - 2;
  private static final long STARTING = Long.MAX_VALUE - 1;

  private final Path file;
  private final FileChannel channel;
  private final long other;
  private final @Nullable Object mark;

  private BrokerLock(Path file, FileChannel channel, long position) {
    this.file = file;
    this.channel = channel;
    this.other = position == RUNNING ? STARTING : RUNNING;
    this.mark = mark(file);
  }

  /**
   * Whether others still meet this lock: not if the file was removed or replaced.
   *
   * @return true if the file at its path is the one that is locked
   */
  public boolean isInPlace() {
    return mark == null || mark.equals(mark(file));
  }

  private boolean isAt(Object before) {
    return before.equals(mark);
  }

  private static @Nullable Object mark(Path file) {
    try {
      return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    } catch (IOException e) {
      return null;
    }
  }

  /**
   * Takes the lock of the running broker.
   *
   * @param file the lock file
   * @return the lock, or null if a broker runs
   * @throws IOException if the file cannot be made or locked
   */
  public static @Nullable BrokerLock running(Path file) throws IOException {
    return tryLock(file, RUNNING);
  }

  /**
   * Takes the lock of the one that starts a broker.
   *
   * @param file the lock file
   * @return the lock, or null if another is about to start one
   * @throws IOException if the file cannot be made or locked
   */
  static @Nullable BrokerLock starting(Path file) throws IOException {
    return tryLock(file, STARTING);
  }

  /**
   * Whether a broker holds its lock. Not for a process that holds a lock on the file itself: the
   * system drops all locks of a process on a file with the first channel to it that is closed.
   *
   * @param file the lock file
   * @return true if one runs, or is about to serve
   * @throws IOException if the file cannot be made or locked
   */
  public static boolean isRunning(Path file) throws IOException {
    BrokerLock lock = running(file);
    if (lock == null) {
      return true;
    }
    lock.close();
    return false;
  }

  /** The same for the one that holds the lock of the starter. */
  boolean seesRunning() throws IOException {
    FileLock probe = channel.tryLock(RUNNING, 1, false);
    if (probe == null) {
      return true;
    }
    probe.release();
    return false;
  }

  /** What the running broker, or the last one, has written of itself; empty if nothing. */
  static String card(Path file) {
    if (!Files.isRegularFile(file)) {
      return "";
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return read(channel);
    } catch (IOException e) {
      return "";
    }
  }

  /** The same through this channel, for the one that holds a lock. */
  String card() throws IOException {
    return read(channel);
  }

  private static String read(FileChannel channel) throws IOException {
    ByteBuffer content = ByteBuffer.allocate(MAX_CARD);
    int n = channel.read(content, 0);
    return n <= 0 ? "" : new String(content.array(), 0, n, StandardCharsets.UTF_8);
  }

  /**
   * The channel to the file, for its content. It must not be closed but with the lock.
   *
   * @return an open channel
   */
  public FileChannel channel() {
    return channel;
  }

  /** Releases the lock. A file that no broker has used is removed. */
  @Override
  public void close() throws IOException {
    try (channel) {
      if (channel.isOpen() && channel.size() == 0 && isInPlace() && isAlone()) {
        Files.deleteIfExists(file);
      }
    }
  }

  /** Takes the other lock as well, so that it is nobody's while the file is removed. */
  private boolean isAlone() throws IOException {
    try {
      return channel.tryLock(other, 1, false) != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  private static @Nullable BrokerLock tryLock(Path file, long position) throws IOException {
    PrivateFiles.makeDirectory(file.getParent());
    PrivateFiles.requireRegular(file);
    Object before = mark(file);
    FileChannel channel =
        FileChannel.open(
            file,
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
            PrivateFiles.ownerOnly(file));
    try {
      PrivateFiles.requireOwn(file);
      SideFiles.requireCard(file, read(channel));
      FileLock lock = channel.tryLock(position, 1, false);
      if (lock != null) {
        BrokerLock held = new BrokerLock(file, channel, position);
        if (Files.exists(file) && (before == null || held.isAt(before))) {
          return held;
        }
        // The one that had the lock removed the file after it was opened here.
        channel.close();
        return tryLock(file, position);
      }
    } catch (OverlappingFileLockException e) {
      // Another thread of this process holds it.
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    channel.close();
    return null;
  }
}
