package dev.peers.cli;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;

/** Jars as others make them: compiled against what is shipped, and put somewhere else. */
final class ForeignJar {
  private static final Path EXAMPLES = Path.of("..", "examples");

  private final Path directory;

  /** Jars and what they are made of go into this directory. */
  ForeignJar(Path directory) {
    this.directory = directory;
  }

  /** The jar of an example, by its directory's name. */
  Path example(String name) {
    Path main = EXAMPLES.resolve(name).resolve("src/main");
    return pack(name, compile(name, files(main.resolve("java"))), main.resolve("resources"));
  }

  /** A jar with one provider, of whose class the body is given, the constructor's name its own. */
  Path provider(String kind, String name, String body) {
    return write(kind, name, body, compiled -> compiled);
  }

  /** The same, of a Java that is not out yet. */
  Path providerOfNewerJava(String kind, String name, String body) {
    return write(
        kind,
        name,
        body,
        compiled -> {
          compiled[7] = 120;
          return compiled;
        });
  }

  private interface Change {
    byte[] of(byte[] compiled);
  }

  private Path write(String kind, String name, String body, Change change) {
    try {
      Path source = Files.createDirectories(directory.resolve(name + "-src/org/other"));
      Path file = source.resolve(name + ".java");
      Files.writeString(
          file,
          "package org.other; import dev.peers.*; import dev.peers.spi.*; public class "
              + (name + " implements " + kind + " {" + body + "}"));
      Path classes = compile(name, List.of(file));
      Path compiled = classes.resolve("org/other/" + name + ".class");
      Files.write(compiled, change.of(Files.readAllBytes(compiled)));
      Path services = Files.createDirectories(directory.resolve(name + "-res/META-INF/services"));
      Files.writeString(services.resolve("dev.peers.spi." + kind), "org.other." + name);
      return pack(name, classes, directory.resolve(name + "-res"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path compile(String name, List<Path> sources) {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    Path classes = directory.resolve(name + "-classes");
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("--release", "17", "-nowarn", "-d", classes.toString(), "-cp"));
    arguments.add(String.join(File.pathSeparator, api()));
    sources.forEach(source -> arguments.add(source.toString()));
    int code = compiler.run(null, null, null, arguments.toArray(String[]::new));
    if (code != 0) {
      throw new AssertionError(name + " does not compile");
    }
    return classes;
  }

  /** The API alone, out of what is shipped. */
  private static List<String> api() {
    try {
      String shipped = Files.readString(Path.of(System.getProperty("peers.shipped")));
      return Stream.of(shipped.strip().split(File.pathSeparator))
          .filter(jar -> jar.contains("peers-api"))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path pack(String name, Path... roots) {
    Path jar = directory.resolve(name + ".jar");
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file)) {
      for (Path root : roots) {
        for (Path path : files(root)) {
          out.putNextEntry(new ZipEntry(root.relativize(path).toString().replace('\\', '/')));
          Files.copy(path, out);
        }
      }
      return jar;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Path> files(Path root) {
    try (Stream<Path> paths = Files.walk(root)) {
      return paths.filter(Files::isRegularFile).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
