package dev.peers.client;

import static dev.peers.Arguments.required;

import dev.peers.Workspace;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads where a directory stands in git, from git's own files: no process is started, so it takes
 * microseconds and runs no hook. Whatever cannot be read counts as not being there.
 *
 * @see <a href="https://git-scm.com/docs/gitrepository-layout">gitrepository-layout</a>
 * @since 0.1
 */
public final class GitWorkspace {
  private static final int MAX_FILE = 4096;
  private static final int MAX_PATH = 4096;
  private static final String HEADS = "ref: refs/heads/";
  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}|[0-9a-f]{64}");

  private GitWorkspace() {}

  /**
   * Describes a directory as it is now.
   *
   * @param directory any path; a relative one is taken from the process's directory
   * @return its real path and, inside git, work tree, common directory and branch
   */
  public static Workspace at(Path directory) {
    Path cwd = real(required("directory", directory));
    if (!Files.isDirectory(cwd)) {
      // Removed, such as a work tree within its repository: what is around it is another place.
      return Workspace.of(oneLine(cwd.toString()));
    }
    for (Path root = cwd; root != null; root = root.getParent()) {
      Path gitDir = gitDir(root);
      if (gitDir != null) {
        return new Workspace(
            oneLine(cwd.toString()),
            oneLine(root.toString()),
            oneLine(commonDir(gitDir).toString()),
            branch(gitDir));
      }
    }
    return Workspace.of(oneLine(cwd.toString()));
  }

  /**
   * Reads the branch of a workspace of this machine as it is now.
   *
   * @param workspace a workspace whose branch may be out of date
   * @return the same on its present branch; unchanged where that cannot be read
   */
  public static Workspace refresh(Workspace workspace) {
    String root = required("workspace", workspace).gitRoot();
    if (root == null) {
      return workspace;
    }
    try {
      Path gitDir = gitDir(Path.of(root));
      String branch = gitDir == null ? null : branch(gitDir);
      return branch == null ? workspace : workspace.onBranch(branch);
    } catch (InvalidPathException e) {
      return workspace;
    }
  }

  /** The directory with HEAD in it, for the top of a work tree; null for any other directory. */
  private static @Nullable Path gitDir(Path root) {
    Path dotGit = root.resolve(".git");
    if (Files.isDirectory(dotGit)) {
      return Files.exists(dotGit.resolve("HEAD")) ? real(dotGit) : null;
    }
    return read(dotGit)
        .filter(text -> text.startsWith("gitdir:"))
        .flatMap(text -> resolve(root, text.substring("gitdir:".length()).strip()))
        .filter(dir -> Files.exists(dir.resolve("HEAD")))
        .orElse(null);
  }

  /** The directory that all work trees of a repository share. */
  private static Path commonDir(Path gitDir) {
    return read(gitDir.resolve("commondir"))
        .flatMap(text -> resolve(gitDir, text.strip()))
        .orElse(gitDir);
  }

  private static @Nullable String branch(Path gitDir) {
    String head = read(gitDir.resolve("HEAD")).map(String::strip).orElse("");
    if (head.startsWith(HEADS)) {
      String name = head.substring(HEADS.length());
      // With the reftable format HEAD is a dummy that names no branch.
      return name.equals(".invalid") || name.isBlank() || name.length() > 255
          ? null
          : oneLine(name);
    }
    return COMMIT.matcher(head).matches() ? head.substring(0, 7) : null;
  }

  private static Optional<Path> resolve(Path base, String path) {
    try {
      return Optional.of(real(base.resolve(path)))
          .filter(found -> found.toString().length() <= MAX_PATH);
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }

  private static Path real(Path path) {
    try {
      return path.toRealPath();
    } catch (IOException e) {
      return path.toAbsolutePath().normalize();
    }
  }

  private static Optional<String> read(Path file) {
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try (InputStream in = Files.newInputStream(file)) {
      return Optional.of(new String(in.readNBytes(MAX_FILE), StandardCharsets.UTF_8));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Paths may contain anything; what is shown and compared is one line, in its written order. */
  private static String oneLine(String text) {
    return text.replaceAll(
        "[\\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]", "\uFFFD");
  }
}
