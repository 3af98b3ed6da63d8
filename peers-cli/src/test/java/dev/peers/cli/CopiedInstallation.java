package dev.peers.cli;

import dev.peers.local.ProgramFiles;
import dev.peers.local.StartupCache;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/** A copy of the installation under test, which a test may change. */
record CopiedInstallation(Path root) {
  private static final Path ORIGINAL = Path.of(System.getProperty("peers.home"));

  /** The build under test. */
  static ProgramFiles original() {
    return Objects.requireNonNull(ProgramFiles.current(ORIGINAL.resolve("lib")));
  }

  /** The same build, as it is. */
  static CopiedInstallation in(Path root) {
    return in(root, null);
  }

  /** One that takes itself for another version, which is another build. */
  static CopiedInstallation in(Path root, String version) {
    try {
      ProgramFiles original = original();
      String name = version == null ? original.name() : version + "-0123456789ab";
      Path build = Files.createDirectories(root.resolve("lib").resolve(name));
      copyFiles(original.directory(), build);
      copyFiles(ORIGINAL.resolve("bin"), Files.createDirectories(root.resolve("bin")));
      Files.writeString(root.resolve("lib").resolve(ProgramFiles.CURRENT), name + "\n");
      CopiedInstallation copy = new CopiedInstallation(root);
      if (version != null) {
        rewrite(copy.build().relayJar(), "META-INF/MANIFEST.MF", version);
        rewrite(copy.build().jar(), "dev/peers/build.properties", version);
      }
      return copy;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  ProgramFiles build() {
    return Objects.requireNonNull(ProgramFiles.current(root.resolve("lib")));
  }

  /** Where a build has the files for faster starts, for each JDK. */
  static Path start(ProgramFiles build) {
    return StartupCache.beside(build).getParent();
  }

  /** With SQLite's library unpacked, which a broker maps. */
  CopiedInstallation withLibrary() {
    Path start = start(original());
    try (DirectoryStream<Path> jdks = Files.newDirectoryStream(start)) {
      for (Path jdk : jdks) {
        Path copy = start(build()).resolve(jdk.getFileName().toString());
        Files.createDirectories(copy);
        try (Stream<Path> files = Files.list(jdk)) {
          for (Path file : files.filter(f -> f.toString().contains("sqlite")).toList()) {
            Files.copy(file, copy.resolve(file.getFileName().toString()));
          }
        }
      }
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** With the archives of the original, whatever they are good for here. */
  CopiedInstallation withArchives() {
    Path start = start(original());
    try (DirectoryStream<Path> jdks = Files.newDirectoryStream(start)) {
      for (Path jdk : jdks) {
        Path copy = start(build()).resolve(jdk.getFileName().toString());
        copyFiles(jdk, Files.createDirectories(copy));
      }
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  List<String> relay() {
    return List.of(root.resolve("bin/peers-mcp").toString());
  }

  static void copyFiles(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path copy = to.resolve(file.getFileName().toString());
        Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES, LinkOption.NOFOLLOW_LINKS);
        if (!copy.toFile().setWritable(true)) {
          throw new IOException(copy + " cannot be made writable");
        }
      }
    }
  }

  private static void rewrite(Path jar, String entry, String version) throws IOException {
    try (FileSystem zip =
        FileSystems.newFileSystem(URI.create("jar:" + jar.toUri()), Map.of("create", "false"))) {
      Path path = zip.getPath(entry);
      String text = Files.readString(path);
      String other = text.replaceAll("(?m)(?<=(^v|-V)ersion[=:] ?)[0-9].*$", version);
      if (other.equals(text)) {
        throw new IOException(entry + " names no version");
      }
      Files.write(path, other.getBytes(StandardCharsets.UTF_8));
    }
  }
}
