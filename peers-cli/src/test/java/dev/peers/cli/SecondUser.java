package dev.peers.cli;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Somebody else on the machine, who has no rights but those of every user. */
final class SecondUser {
  /** Somebody who listens, until closed. */
  record Listener(Process process, List<String> heard, Thread reader) implements AutoCloseable {
    /** All that came in so far. */
    String all() {
      synchronized (heard) {
        return String.join("\n", heard);
      }
    }

    @Override
    public void close() {
      process.destroyForcibly();
      try {
        process.waitFor();
        reader.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private final World world;
  private final Path script;
  private final Path directory;

  private SecondUser(World world, Path script, Path directory) {
    this.world = world;
    this.script = script;
    this.directory = directory;
  }

  /** Skips the test where there can be no second user: it takes root to become one. */
  static void assumePossible() {
    assumeTrue("root".equals(System.getProperty("user.name")), "only root can be somebody else");
    assumeTrue(
        System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("linux"), "not on Linux");
    assumeTrue(
        List.of("/usr/bin/perl", "/bin/perl", "/usr/local/bin/perl").stream()
            .anyMatch(perl -> Files.isExecutable(Path.of(perl))),
        "perl is missing");
  }

  /** One who works in a directory, which may lie below others that it could not enter by name. */
  static SecondUser in(World world, Path directory) {
    Path script = world.file("second-user.pl");
    try (InputStream in = SecondUser.class.getResourceAsStream("second-user.pl")) {
      if (!Files.exists(script)) {
        Files.write(script, in.readAllBytes());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new SecondUser(world, script, directory);
  }

  /** Does something and returns what it printed. */
  String run(String input, String... arguments) {
    World.Result result = world.run(command(arguments), directory, input);
    if (result.code() != 0) {
      throw new AssertionError(List.of(arguments) + " failed: " + result);
    }
    return result.out();
  }

  /** Listens on a port or on a socket in its directory. */
  Listener listen(String where, String answer) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command("listen", where, answer))
            .directory(directory.toFile())
            .redirectErrorStream(true);
    builder.environment().clear();
    builder.environment().putAll(world.environment());
    Process process = builder.start();
    var lines = process.inputReader(StandardCharsets.UTF_8);
    String first = lines.readLine();
    if (!"listening".equals(first)) {
      process.destroyForcibly();
      throw new AssertionError("the second user does not listen: " + first);
    }
    List<String> heard = new ArrayList<>();
    Thread reader =
        new Thread(
            () ->
                lines
                    .lines()
                    .forEach(
                        line -> {
                          synchronized (heard) {
                            heard.add(line);
                          }
                        }),
            "test-second-user");
    reader.setDaemon(true);
    reader.start();
    return new Listener(process, heard, reader);
  }

  private List<String> command(String... arguments) {
    List<String> command = new ArrayList<>(List.of("perl", script.toString()));
    command.addAll(List.of(arguments));
    return command;
  }
}
