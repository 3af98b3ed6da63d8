package dev.peers.cli.install;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Where programs are found that are named without a directory. */
public final class ProgramPath {
  private ProgramPath() {}

  /**
   * The file that a name stands for.
   *
   * @param environment the variables, of which PATH counts
   * @param name the program's name
   * @return the first that can be executed; empty if there is none
   */
  public static Optional<Path> find(Map<String, String> environment, String name) {
    boolean windows = File.separatorChar == '\\';
    List<String> names = windows ? List.of(name + ".cmd", name + ".exe") : List.of(name);
    for (String directory : environment.getOrDefault("PATH", "").split(File.pathSeparator)) {
      for (String each : names) {
        try {
          Path file = Path.of(directory, each);
          if (!directory.isEmpty() && Files.isRegularFile(file) && Files.isExecutable(file)) {
            return Optional.of(file);
          }
        } catch (InvalidPathException e) {
          // Such a directory is none.
        }
      }
    }
    return Optional.empty();
  }
}
