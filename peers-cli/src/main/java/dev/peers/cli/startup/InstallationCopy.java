package dev.peers.cli.startup;

import dev.peers.BuildInfo;
import dev.peers.local.PrivateFiles;
import dev.peers.local.ProgramFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Puts an installation into a directory, beside what runs there: the build gets a directory of its
 * own, and everything else is replaced by renaming, the name of the current build last. At no
 * moment is a file written that a process may have open, and at none is there half a program.
 */
final class InstallationCopy {
  /** Builds that are kept beside the current one, for sessions that were started from them. */
  private static final int KEPT_BUILDS = 3;

  private static final int HASH_DIGITS = 12;
  private static final Pattern BUILD = Pattern.compile(".+-[0-9a-f]{" + HASH_DIGITS + "}");
  private static final String UNFINISHED = ".new-";

  /** Where the relay was before each build had a directory. */
  private static final String OF_OLD = "peers-relay.jar";

  private final ProgramFiles from;
  private final Path source;
  private final Path target;

  /**
   * Prepares one.
   *
   * @param from the build to install
   * @param source the installation that it is part of
   * @param target the directory to put it into, made if need be
   */
  InstallationCopy(ProgramFiles from, Path source, Path target) {
    this.from = from;
    this.source = source;
    this.target = target;
  }

  /** Whether a directory is free for an installation, or has one. */
  static boolean isFit(Path target) throws IOException {
    if (!Files.exists(target)) {
      return true;
    }
    if (!Files.isDirectory(target)) {
      return false;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(target)) {
      return !files.iterator().hasNext()
          || Files.isRegularFile(target.resolve("lib").resolve(ProgramFiles.CURRENT))
          || Files.isRegularFile(target.resolve("lib").resolve(OF_OLD));
    }
  }

  /** Installs it, and returns the build in its new place. */
  ProgramFiles install() throws IOException {
    Path lib = Files.createDirectories(target.resolve("lib"));
    ProgramFiles build = new ProgramFiles(lib.resolve(BuildInfo.version() + "-" + hash()));
    if (!Files.isDirectory(build.directory())) {
      copyBuild(build.directory());
    }
    for (Path file : files(source, 8)) {
      Path relative = source.relativize(file);
      if (!relative.startsWith("lib") && !file.getFileName().equals(from.jar().getFileName())) {
        replace(file, target.resolve(relative.toString()));
      }
    }
    linkJar(build);
    Path current = lib.resolve(ProgramFiles.CURRENT);
    Path next = unfinished(current);
    Files.writeString(next, build.name() + "\n");
    Files.move(next, current, StandardCopyOption.ATOMIC_MOVE);
    if (Files.exists(lib.resolve(OF_OLD))) {
      for (Path file : files(lib, 1)) {
        if (!file.equals(current)) {
          Files.delete(file);
        }
      }
      removeIfThere(lib.resolve("start"));
    }
    removeOldBuilds(build);
    return build;
  }

  private void copyBuild(Path directory) throws IOException {
    Path next = unfinished(directory);
    removeIfThere(next);
    Files.createDirectory(next);
    for (Path file : buildFiles()) {
      Path copy = Files.copy(file, next.resolve(file.getFileName().toString()));
      protect(copy);
    }
    try {
      Files.move(next, directory, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      // Another process that installs the same was faster.
      removeIfThere(next);
      if (!Files.isDirectory(directory)) {
        throw e;
      }
    }
  }

  /** A copy over it is refused, rather than written into what processes have mapped. */
  static void protect(Path file) throws IOException {
    if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Set<PosixFilePermission> modes =
          EnumSet.copyOf(Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS));
      modes.removeAll(
          EnumSet.of(
              PosixFilePermission.OWNER_WRITE,
              PosixFilePermission.GROUP_WRITE,
              PosixFilePermission.OTHERS_WRITE));
      Files.setPosixFilePermissions(file, modes);
    }
  }

  private static void replace(Path file, Path copy) throws IOException {
    if (Files.isRegularFile(copy)
        && Files.mismatch(file, copy) < 0
        && Files.isExecutable(file) == Files.isExecutable(copy)) {
      return;
    }
    Files.createDirectories(copy.getParent());
    Path next = unfinished(copy);
    Files.deleteIfExists(next);
    Files.copy(file, next, StandardCopyOption.COPY_ATTRIBUTES);
    Files.move(next, copy, StandardCopyOption.ATOMIC_MOVE);
  }

  /** The jar that works alone, where it always was: a link, since it is 26 MB. */
  private void linkJar(ProgramFiles build) throws IOException {
    Path link = target.resolve(build.jar().getFileName().toString());
    Path next = unfinished(link);
    Files.deleteIfExists(next);
    try {
      Files.createSymbolicLink(next, target.relativize(build.jar()));
    } catch (IOException | UnsupportedOperationException e) {
      Files.copy(build.jar(), next);
    }
    Files.move(next, link, StandardCopyOption.ATOMIC_MOVE);
  }

  /**
   * Removes all builds beside one and the current one but the newest of them. What runs from one
   * goes on: its files lose their names, not their content.
   */
  static void removeOldBuilds(ProgramFiles own) throws IOException {
    Path lib = own.directory().getParent();
    ProgramFiles current = lib == null ? null : ProgramFiles.current(lib);
    if (lib == null || current == null || !Files.isWritable(lib)) {
      return;
    }
    List<Path> old = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(lib)) {
      for (Path each : found) {
        if (Files.isDirectory(each)
            && BUILD.matcher(each.getFileName().toString()).matches()
            && !each.equals(own.directory())
            && !each.equals(current.directory())) {
          old.add(each);
        }
      }
    }
    old.sort(Comparator.comparing(InstallationCopy::time).reversed());
    for (Path each : old.subList(Math.min(KEPT_BUILDS, old.size()), old.size())) {
      PrivateFiles.deleteTree(each);
    }
  }

  private static long time(Path directory) {
    try {
      return Files.getLastModifiedTime(directory).toMillis();
    } catch (IOException e) {
      return 0;
    }
  }

  private static void removeIfThere(Path directory) throws IOException {
    if (Files.exists(directory)) {
      PrivateFiles.deleteTree(directory);
    }
  }

  private static Path unfinished(Path file) {
    return file.resolveSibling(
        UNFINISHED + ProcessHandle.current().pid() + "-" + file.getFileName());
  }

  private List<Path> buildFiles() throws IOException {
    return files(from.directory(), 1);
  }

  private static List<Path> files(Path directory, int depth) throws IOException {
    try (Stream<Path> found = Files.walk(directory, depth)) {
      return found.filter(Files::isRegularFile).sorted().toList();
    }
  }

  /** Of the names and the content of all that its processes map or read. */
  private String hash() throws IOException {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
    byte[] buffer = new byte[1 << 16];
    for (Path file : buildFiles()) {
      String head = file.getFileName() + "\0" + Files.size(file) + "\0";
      digest.update(head.getBytes(StandardCharsets.UTF_8));
      try (InputStream in = Files.newInputStream(file)) {
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
          digest.update(buffer, 0, n);
        }
      }
    }
    return HexFormat.of().formatHex(digest.digest()).substring(0, HASH_DIGITS);
  }

  /** Has a command lead to the installation; false if something else has its place. */
  static boolean link(Path link, Path program) throws IOException {
    if (Files.isSymbolicLink(link)) {
      Path leadsTo = link.resolveSibling(Files.readSymbolicLink(link)).normalize();
      if (leadsTo.equals(program)) {
        return true;
      }
      if (Files.exists(link) && !isLauncher(leadsTo)) {
        return false;
      }
      Path next = unfinished(link);
      Files.deleteIfExists(next);
      Files.createSymbolicLink(next, program);
      Files.move(next, link, StandardCopyOption.ATOMIC_MOVE);
      return true;
    }
    try {
      Files.createDirectories(link.getParent());
      Files.createSymbolicLink(link, program);
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    }
  }

  /** Whether a program is that of another installation of Peers. */
  private static boolean isLauncher(Path program) {
    Path bin = program.getParent();
    return bin != null
        && (Files.exists(bin.resolveSibling("lib").resolve(ProgramFiles.CURRENT))
            || Files.exists(bin.resolveSibling("lib").resolve(OF_OLD)));
  }
}
