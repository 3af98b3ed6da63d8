package dev.peers.store.sqlite;

import dev.peers.ErrorCode;
import dev.peers.PeersException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The right to use a database, which one store at a time has. Between processes it is a lock on a
 * byte of the owner file, which the system releases with the process; within one it is an entry
 * among the system properties, which copies of this class in other class loaders see as well. The
 * entry comes first: whoever finds it does not open the owner file, since closing that again would
 * release the lock.
 */
final class DatabaseOwner implements AutoCloseable {
  private static final String PROPERTY = "dev.peers.store.sqlite.open.";
  private static final int MAX_CARD = 4096;

  /** Far behind the content, so that systems where locks keep others from reading let them. */
  private static final long LOCKED = Long.MAX_VALUE - 1;

  /** Of files that this process has under another path as well: with these its locks would go. */
  private static final List<FileChannel> NEVER_CLOSED = new ArrayList<>();

  private final DatabaseFiles files;
  private @Nullable FileChannel channel;
  private @Nullable OwnerCard last;
  private boolean closed;

  private DatabaseOwner(DatabaseFiles files) {
    this.files = files;
  }

  /**
   * Keeps the other stores of this process away.
   *
   * @throws PeersException if one of them has the database open
   */
  static DatabaseOwner reserve(DatabaseFiles files) {
    Object present =
        System.getProperties()
            .putIfAbsent(PROPERTY + files.main(), String.valueOf(ProcessHandle.current().pid()));
    if (present != null) {
      throw inUse(files, "another broker of this program");
    }
    return new DatabaseOwner(files);
  }

  /** What the owner before said of the database; null if nothing. */
  @Nullable OwnerCard last() {
    if (last == null && channel == null) {
      last = read(files);
    }
    return last;
  }

  /**
   * What the present or the last owner said of a database; null if nothing, or if it is a store of
   * this process: to read the file would take that one's lock away.
   */
  static @Nullable OwnerCard card(DatabaseFiles files) {
    return System.getProperties().containsKey(PROPERTY + files.main()) ? null : read(files);
  }

  private static @Nullable OwnerCard read(DatabaseFiles files) {
    try {
      return Files.isRegularFile(files.owner(), LinkOption.NOFOLLOW_LINKS)
          ? OwnerCard.parse(Files.readString(files.owner(), StandardCharsets.ISO_8859_1))
          : null;
    } catch (IOException e) {
      return null;
    }
  }

  /**
   * Keeps other processes away.
   *
   * @throws PeersException if one of them has the database open
   */
  void lock() throws IOException {
    Path file = files.owner();
    if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)
        && !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw foreign(file);
    }
    @Nullable FileChannel opened =
        FileChannel.open(
            file,
            Set.of(
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                LinkOption.NOFOLLOW_LINKS),
            ownerOnly(file));
    try {
      if (!OwnerCard.isOurs(content(opened))) {
        throw foreign(file);
      }
      FileLock lock;
      try {
        lock = opened.tryLock(LOCKED, 1, false);
      } catch (OverlappingFileLockException e) {
        synchronized (NEVER_CLOSED) {
          NEVER_CLOSED.add(opened);
        }
        opened = null;
        throw inUse(files, "another broker of this program");
      }
      if (lock == null) {
        OwnerCard holder = read(opened);
        throw inUse(
            files, holder == null ? "another process" : "the broker in process " + holder.pid());
      }
      last = read(opened);
      channel = opened;
    } finally {
      if (opened != null && channel == null) {
        opened.close();
      }
    }
  }

  /** Says what is open; with the lock only. */
  void write(OwnerCard card) throws IOException {
    FileChannel file = Objects.requireNonNull(channel, "not locked");
    byte[] bytes = card.write().getBytes(StandardCharsets.ISO_8859_1);
    file.write(ByteBuffer.wrap(bytes), 0);
    file.truncate(bytes.length);
  }

  private static @Nullable OwnerCard read(FileChannel channel) throws IOException {
    return OwnerCard.parse(content(channel));
  }

  private static String content(FileChannel channel) throws IOException {
    ByteBuffer content = ByteBuffer.allocate(MAX_CARD);
    int n = channel.read(content, 0);
    return n <= 0 ? "" : new String(content.array(), 0, n, StandardCharsets.ISO_8859_1);
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      // The lock ends with the process at the latest.
    } finally {
      System.getProperties().remove(PROPERTY + files.main());
    }
  }

  private static PeersException foreign(Path file) {
    return DatabaseKind.foreign(file, "is not a file of Peers that says who uses the database.");
  }

  private static PeersException inUse(DatabaseFiles files, String who) {
    return new PeersException(
        ErrorCode.STORE_FAILED,
        "the database "
            + files.main()
            + " is in use by "
            + who
            + "; a database has one broker at a time. Connect to that broker or close it, or use"
            + " another path");
  }

  private static FileAttribute<?>[] ownerOnly(Path file) {
    return file.getFileSystem().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        }
        : new FileAttribute<?>[0];
  }
}
