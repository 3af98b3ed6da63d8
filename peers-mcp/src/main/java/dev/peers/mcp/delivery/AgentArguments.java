package dev.peers.mcp.delivery;

import dev.peers.mcp.link.Hello;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The command line of the program that started a session's relay. */
final class AgentArguments {
  /** What a system lets a command line have, and more. */
  private static final int MAX_BYTES = 4 << 20;

  private static final int MAX_SHELLS = 3;

  private AgentArguments() {}

  /**
   * Reads it.
   *
   * @return the arguments without the program's own name; empty where they cannot be read: on some
   *     systems, of a program that has written over them, and of one in another container
   */
  static Optional<List<String>> of(Hello hello) {
    return agent(hello).flatMap(AgentArguments::of);
  }

  private static Optional<ProcessHandle> agent(Hello hello) {
    // The process ids of another container are other processes here.
    Optional<ProcessHandle> agent =
        ProcessHandle.of(hello.process().pid())
            .flatMap(ProcessHandle::parent)
            .filter(parent -> parent.pid() == hello.parent());
    // The entry of a server may be a line for a shell, which stands between it and the agent.
    for (int i = 0; i < MAX_SHELLS && agent.filter(AgentArguments::isShell).isPresent(); i++) {
      agent = agent.flatMap(ProcessHandle::parent);
    }
    return agent;
  }

  private static boolean isShell(ProcessHandle process) {
    return process.info().command().filter(path -> path.endsWith("sh")).isPresent();
  }

  /** Reads that of one process. */
  static Optional<List<String>> of(ProcessHandle process) {
    Path file = Path.of("/proc", Long.toString(process.pid()), "cmdline");
    // The JDK leaves out arguments of more than a page, which a prompt among them may well take.
    try (InputStream in = Files.newInputStream(file)) {
      byte[] line = in.readNBytes(MAX_BYTES);
      return line.length == MAX_BYTES
          ? Optional.empty()
          : parse(new String(line, Charset.defaultCharset()));
    } catch (IOException e) {
      return process.info().arguments().map(List::of);
    }
  }

  /**
   * Splits what Linux has of a command line: the program and each argument end with a NUL.
   *
   * @return the arguments, or empty if the program has written a title over them, which may leave
   *     nothing but their room
   */
  static Optional<List<String>> parse(String line) {
    List<String> parts = List.of(line.split("\0", -1));
    if (parts.size() < 2 || !parts.get(parts.size() - 1).isEmpty()) {
      return Optional.empty();
    }
    List<String> arguments = parts.subList(1, parts.size() - 1);
    return arguments.isEmpty() || arguments.stream().anyMatch(argument -> !argument.isEmpty())
        ? Optional.of(arguments)
        : Optional.empty();
  }
}
