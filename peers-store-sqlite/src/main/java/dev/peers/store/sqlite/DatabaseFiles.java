package dev.peers.store.sqlite;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;

/**
 * The files of one database. SQLite keeps a part of the content beside the main file, so what is
 * moved or removed is always moved or removed with its side files.
 *
 * @param main the main file, where no link stands for it
 */
record DatabaseFiles(Path main) {
  private static final System.Logger LOG = System.getLogger(DatabaseFiles.class.getName());
  private static final List<String> SIDES = List.of("-wal", "-shm", "-journal");

  /** The files at a path; a link, which another one could replace, is followed once. */
  static DatabaseFiles at(Path path) {
    Path file = path.toAbsolutePath();
    try {
      if (Files.exists(file)) {
        return new DatabaseFiles(file.toRealPath());
      }
      Path parent = file.getParent();
      if (parent != null && Files.exists(parent)) {
        return new DatabaseFiles(parent.toRealPath().resolve(String.valueOf(file.getFileName())));
      }
    } catch (IOException e) {
      // Opening it reports what is wrong.
    }
    return new DatabaseFiles(file);
  }

  /** SQLite's write-ahead log: commits that are not in the main file yet. */
  Path wal() {
    return beside("-wal");
  }

  /** Says that damage was met. */
  DamageMark damage() {
    return new DamageMark(beside(".suspect"));
  }

  /** The file that says which process uses the database, or used it last. */
  Path owner() {
    return beside(".owner");
  }

  Path beside(String suffix) {
    return main.resolveSibling(main.getFileName() + suffix);
  }

  /** Whether there are commits beside the main file: a log with more than its header. */
  boolean hasLog() {
    FileStamp log = FileStamp.of(wal());
    return log != null && log.size() > 32;
  }

  /**
   * Gives the database another name, its side files with it.
   *
   * @param label why, as a part of the name
   * @return the main file's new path
   */
  Path moveAside(String label) throws IOException {
    Path aside = freeName(label);
    if (Files.exists(main)) {
      Files.move(main, aside);
    }
    moveSides(aside);
    sync(main.resolveSibling("."));
    return aside;
  }

  /** Puts the side files aside, which belong to another main file than the one at its path. */
  Path moveSidesAside(String label) throws IOException {
    Path aside = freeName(label);
    moveSides(aside);
    return aside.resolveSibling(aside.getFileName() + "-wal");
  }

  /** A path beside the main file that has a time stamp and names no file yet. */
  Path freeName(String label) {
    String stamp =
        DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss-SSS")
            .withZone(ZoneOffset.UTC)
            .format(Instant.now());
    Path free = beside("." + label + "-" + stamp);
    for (int i = 2; Files.exists(free, LinkOption.NOFOLLOW_LINKS); i++) {
      free = beside("." + label + "-" + stamp + "-" + i);
    }
    return free;
  }

  /** Gives the database the name of another one, which is not there. */
  void moveTo(DatabaseFiles other) throws IOException {
    Files.move(main, other.main);
    moveSides(other.main);
  }

  private void moveSides(Path aside) throws IOException {
    for (String side : SIDES) {
      Path from = beside(side);
      if (Files.exists(from, LinkOption.NOFOLLOW_LINKS)) {
        Files.move(from, aside.resolveSibling(aside.getFileName() + side));
      }
    }
  }

  void deleteSides() throws IOException {
    for (String side : SIDES) {
      Files.deleteIfExists(beside(side));
    }
  }

  /** SQLite's own files beside the main one. */
  List<Path> sides() {
    return SIDES.stream().map(this::beside).toList();
  }

  /** Whether there are side files. */
  boolean hasSides() {
    return SIDES.stream().anyMatch(side -> Files.exists(beside(side), LinkOption.NOFOLLOW_LINKS));
  }

  /** Makes an empty file that its owner alone may read; SQLite's side files take its mode. */
  static void make(Path file) throws IOException {
    Path directory = file.getParent();
    if (directory != null) {
      Files.createDirectories(directory);
    }
    try {
      if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
        Files.createFile(
            file,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      }
    } catch (FileAlreadyExistsException e) {
      protect(file);
    }
  }

  /** Takes the rights of others away. */
  static void protect(Path file) throws IOException {
    if (file.getFileSystem().supportedFileAttributeViews().contains("posix")
        && Files.getPosixFilePermissions(file).size() > 2) {
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }
  }

  /** Has the disk keep what a file or a directory holds; not every system offers the latter. */
  static void sync(Path path) {
    boolean directory = Files.isDirectory(path);
    try (FileChannel channel =
        FileChannel.open(path, directory ? StandardOpenOption.READ : StandardOpenOption.WRITE)) {
      channel.force(true);
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "{0} is not synced: {1}", path, e.toString());
    }
  }
}
