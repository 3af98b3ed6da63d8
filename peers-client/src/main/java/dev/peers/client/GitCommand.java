package dev.peers.client;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Runs {@code git} in a repository that nobody vouches for. Its configuration may name programs of
 * its own; none of those that reading commands start is run. All commands of one instance share a
 * time limit, after which the running one is killed and no other is started. Confined to one
 * thread.
 *
 * @see <a href="https://git-scm.com/docs/git#_security">git: security</a>
 */
final class GitCommand {
  private static final System.Logger LOG = System.getLogger(GitCommand.class.getName());
  private static final int MAX_BYTES = 64 * 1024;
  private static final boolean WINDOWS = File.separatorChar == '\\';

  private final String executable;
  private final Path root;
  private final long deadline;

  /**
   * Prepares commands.
   *
   * @param executable the program, or its name on the search path
   * @param root the top of a work tree
   * @param limit how long all commands together may take
   */
  GitCommand(String executable, Path root, Duration limit) {
    this.executable = executable;
    this.root = root;
    this.deadline = System.nanoTime() + limit.toNanos();
  }

  /**
   * What a command wrote.
   *
   * @param fields what stood between the NULs
   * @param exit its exit code; -1 if it was ended before, or could not be run
   */
  record Output(List<String> fields, int exit) {
    static final Output NONE = new Output(List.of(), -1);

    Output {
      fields = List.copyOf(fields);
    }

    /**
     * The fields of a command that succeeded, or that was stopped because it had written enough.
     */
    List<String> usable() {
      return exit > 0 ? List.of() : fields;
    }
  }

  /**
   * Runs a command and reads its output, which it must write with {@code -z}.
   *
   * @param maxFields after how many fields to stop it
   * @param settings {@code name=value} each, before which the repository's own do not count
   * @param arguments the subcommand and its arguments
   * @return nothing if it failed in any way
   */
  Output run(int maxFields, List<String> settings, String... arguments) {
    if (left() <= 0) {
      return Output.NONE;
    }
    Process process;
    try {
      process = builder(settings, arguments).start();
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "git cannot be run: {0}", e.getMessage());
      return Output.NONE;
    }
    try {
      // On a thread of its own: a read from a pipe can be given up, but not interrupted.
      FutureTask<byte[]> reading =
          new FutureTask<>(() -> read(process.getInputStream(), maxFields));
      Thread reader = new Thread(reading, "peers-git");
      reader.setDaemon(true);
      reader.start();
      byte[] bytes = reading.get(Math.max(0, left()), TimeUnit.NANOSECONDS);
      boolean enough = bytes.length >= MAX_BYTES || count(bytes) >= maxFields;
      if (!enough && process.waitFor(Math.max(0, left()), TimeUnit.NANOSECONDS)) {
        return new Output(split(bytes, maxFields), process.exitValue());
      }
      return enough ? new Output(split(bytes, maxFields), -1) : Output.NONE;
    } catch (TimeoutException e) {
      LOG.log(System.Logger.Level.DEBUG, "git {0} took too long", arguments[0]);
      return Output.NONE;
    } catch (ExecutionException e) {
      LOG.log(System.Logger.Level.DEBUG, "git's output cannot be read: {0}", e.getMessage());
      return Output.NONE;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Output.NONE;
    } finally {
      end(process);
    }
  }

  private long left() {
    return deadline - System.nanoTime();
  }

  private ProcessBuilder builder(List<String> settings, String... arguments) {
    String nothing = WINDOWS ? "NUL" : "/dev/null";
    List<String> command = new ArrayList<>(List.of(executable, "--no-pager"));
    List<String> all =
        new ArrayList<>(
            List.of(
                "core.fsmonitor=false",
                "core.hooksPath=" + nothing,
                "core.attributesFile=" + nothing,
                "log.showSignature=false",
                "submodule.recurse=false",
                "diff.relative=false"));
    all.addAll(settings);
    for (String setting : all) {
      command.add("-c");
      command.add(setting);
    }
    command.add("-C");
    command.add(root.toString());
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    // Not in the repository: a "." in the search path must not find a program there.
    builder.directory(root.toAbsolutePath().getRoot().toFile());
    builder.redirectInput(ProcessBuilder.Redirect.from(new File(nothing)));
    builder.redirectError(ProcessBuilder.Redirect.DISCARD);
    Map<String, String> environment = builder.environment();
    environment.keySet().removeIf(name -> name.startsWith("GIT_"));
    environment.put("GIT_OPTIONAL_LOCKS", "0");
    environment.put("GIT_TERMINAL_PROMPT", "0");
    // A partial clone would fetch what it lacks, with the programs that its settings name.
    environment.put("GIT_NO_LAZY_FETCH", "1");
    environment.put("GIT_ALLOW_PROTOCOL", "none");
    return builder;
  }

  private static byte[] read(InputStream in, int maxFields) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    byte[] buffer = new byte[8 * 1024];
    int fields = 0;
    while (fields < maxFields && bytes.size() < MAX_BYTES) {
      int length = in.read(buffer, 0, Math.min(buffer.length, MAX_BYTES - bytes.size()));
      if (length < 0) {
        break;
      }
      for (int i = 0; i < length; i++) {
        fields += buffer[i] == 0 ? 1 : 0;
      }
      bytes.write(buffer, 0, length);
    }
    return bytes.toByteArray();
  }

  private static int count(byte[] bytes) {
    int count = 0;
    for (byte b : bytes) {
      count += b == 0 ? 1 : 0;
    }
    return count;
  }

  /** Only whole fields, which end with a NUL. */
  private static List<String> split(byte[] bytes, int maxFields) {
    List<String> fields = new ArrayList<>();
    int start = 0;
    for (int i = 0; i < bytes.length && fields.size() < maxFields; i++) {
      if (bytes[i] == 0) {
        fields.add(new String(bytes, start, i - start, StandardCharsets.UTF_8));
        start = i + 1;
      }
    }
    return fields;
  }

  /** With what it started, which may hold the pipe. */
  private static void end(Process process) {
    if (process.isAlive()) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }
}
