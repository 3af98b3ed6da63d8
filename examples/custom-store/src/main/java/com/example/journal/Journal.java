package com.example.journal;

import dev.peers.ErrorCode;
import dev.peers.PeersException;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * A file of lines that only grows. A line counts when it is there with its end and its checksum
 * fits; what a crash left of the last one never counted, and is cut off. Not thread-safe.
 */
final class Journal implements AutoCloseable {
  private final Path path;
  // Not a FileChannel: that one is closed for good when a thread is interrupted while it writes.
  private RandomAccessFile file;
  private long end;
  private int lines;

  private Journal(Path path) {
    this.path = path;
  }

  /** Opens the file, making it if need be, and has each line read. */
  static Journal open(Path path, Consumer<Line> reader) {
    Journal journal = new Journal(path);
    try {
      Files.createDirectories(path.getParent());
      if (!Files.exists(path)) {
        Files.createFile(path, ownerOnly());
        forceDirectory(path.getParent());
      }
      journal.read(reader);
      journal.file = new RandomAccessFile(path.toFile(), "rw");
      return journal;
    } catch (IOException e) {
      throw journal.failure("cannot be opened", e);
    }
  }

  /** How many lines it has. */
  int lines() {
    return lines;
  }

  /** Adds a line, which is on the disk when this returns. */
  void append(Line line) {
    byte[] bytes = line.encode();
    try {
      if (file.length() > end) {
        // What is left of a line that failed, for instance because the disk was full.
        file.setLength(end);
      }
      file.seek(end);
      file.write(bytes);
      file.getFD().sync();
      end += bytes.length;
      lines++;
    } catch (IOException e) {
      throw failure("cannot be written", e);
    }
  }

  /** Replaces all lines at once: after a crash either the old ones are there or these. */
  void replace(List<Line> fresh) {
    Path other = path.resolveSibling(path.getFileName() + ".new");
    try {
      Files.deleteIfExists(other);
      Files.createFile(other, ownerOnly());
      try (FileOutputStream out = new FileOutputStream(other.toFile())) {
        OutputStream buffered = new BufferedOutputStream(out);
        for (Line line : fresh) {
          buffered.write(line.encode());
        }
        buffered.flush();
        out.getFD().sync();
      }
      file.close();
      try {
        Files.move(other, path, StandardCopyOption.ATOMIC_MOVE);
        lines = fresh.size();
      } finally {
        file = new RandomAccessFile(path.toFile(), "rw");
        end = file.length();
      }
      forceDirectory(path.getParent());
    } catch (IOException e) {
      throw failure("cannot be written anew", e);
    }
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException e) {
      throw failure("cannot be closed", e);
    }
  }

  private void read(Consumer<Line> reader) throws IOException {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(path))) {
      for (byte[] bytes = next(in); bytes.length > 0; bytes = next(in)) {
        Line line = Line.decode(bytes);
        if (line == null && next(in).length == 0) {
          return;
        }
        try {
          reader.accept(Objects.requireNonNull(line, "it was changed since it was written"));
        } catch (RuntimeException e) {
          throw new IOException("line " + (lines + 1) + " is damaged, " + e.getMessage(), e);
        }
        end += bytes.length;
        lines++;
      }
    }
  }

  /** The next line with its end, which the last one may lack; nothing at the end of the file. */
  private static byte[] next(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b >= 0; b = in.read()) {
      line.write(b);
      if (b == '\n') {
        break;
      }
    }
    return line.toByteArray();
  }

  private static FileAttribute<?>[] ownerOnly() {
    return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        }
        : new FileAttribute<?>[0];
  }

  /** A new name of a file is on the disk when its directory is. */
  private static void forceDirectory(Path directory) {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      // Windows opens no directories, and needs none.
    }
  }

  private PeersException failure(String what, IOException e) {
    return new PeersException(
        ErrorCode.STORE_FAILED,
        "the journal "
            + path
            + " "
            + what
            + ": "
            + e.getMessage()
            + ". Fix it, or move it away to begin with an empty one",
        e);
  }
}
