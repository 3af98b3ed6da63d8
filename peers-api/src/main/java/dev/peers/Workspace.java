package dev.peers;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where a session works: its directory and, inside git, the repository and branch. Paths are
 * absolute and real (symbolic links resolved), as the machine of the session writes them; they are
 * compared as text and never opened by a broker.
 *
 * @param cwd the working directory
 * @param gitRoot the top level of the work tree, or null outside git
 * @param gitCommonDir git's common directory, the same for all work trees of one repository; where
 *     a root is given without it, the root's {@code .git} is taken
 * @param gitBranch the current branch, or a short commit id when none is checked out; null outside
 *     git
 * @param host the name of the machine; null for the one that the broker runs on
 * @since 0.1
 */
public record Workspace(
    String cwd,
    @Nullable String gitRoot,
    @Nullable String gitCommonDir,
    @Nullable String gitBranch,
    @Nullable String host) {
  /** The most characters that the name of a machine can have. */
  public static final int MAX_HOST_LENGTH = 253;

  private static final int MAX_PATH = 4096;

  /** Checks lengths and fills in the common directory. */
  public Workspace {
    Checks.oneLine("working directory", cwd, MAX_PATH);
    Checks.oneLineOrNull("git root", gitRoot, MAX_PATH);
    Checks.oneLineOrNull("git common directory", gitCommonDir, MAX_PATH);
    Checks.oneLineOrNull("git branch", gitBranch, 255);
    Checks.oneLineOrNull("host", host, MAX_HOST_LENGTH);
    if (gitCommonDir == null && gitRoot != null) {
      gitCommonDir = gitRoot.endsWith("/") ? gitRoot + ".git" : gitRoot + "/.git";
    }
  }

  /**
   * A place on the machine that the broker runs on.
   *
   * @param cwd the working directory
   * @param gitRoot the top level of the work tree, or null outside git
   * @param gitCommonDir git's common directory; null takes the root's {@code .git}
   * @param gitBranch the current branch, or null outside git
   */
  public Workspace(
      String cwd,
      @Nullable String gitRoot,
      @Nullable String gitCommonDir,
      @Nullable String gitBranch) {
    this(cwd, gitRoot, gitCommonDir, gitBranch, null);
  }

  /**
   * A directory outside git.
   *
   * @param cwd the working directory
   * @return a workspace without a repository
   */
  public static Workspace of(String cwd) {
    return new Workspace(cwd, null, null, null);
  }

  /**
   * The same place on another branch.
   *
   * @param branch the branch as it is now, or null outside git
   * @return a workspace that differs in the branch only
   */
  public Workspace onBranch(@Nullable String branch) {
    return new Workspace(cwd, gitRoot, gitCommonDir, branch, host);
  }

  /**
   * The same place with the name of its machine.
   *
   * @param name the machine's name; null for the one that the broker runs on
   * @return a workspace that differs in the host only
   */
  public Workspace onHost(@Nullable String name) {
    return Objects.equals(name, host)
        ? this
        : new Workspace(cwd, gitRoot, gitCommonDir, gitBranch, name);
  }

  /**
   * The repository's name: that of the directory around its {@code .git}.
   *
   * @return the name, or null outside git
   */
  public @Nullable String repositoryName() {
    if (gitCommonDir == null) {
      return null;
    }
    String last = lastPart(gitCommonDir, 0);
    if (last.equals(".git") || last.equals(".bare")) {
      return lastPart(gitCommonDir, 1);
    }
    return last.endsWith(".git") ? last.substring(0, last.length() - 4) : last;
  }

  /**
   * What people call this work: the repository's name, or the directory's.
   *
   * @return a name, {@code /} for a root directory and for a name of blanks
   */
  public String project() {
    String repository = repositoryName();
    return repository != null && !repository.isBlank() ? repository : lastPart(cwd, 0);
  }

  /**
   * The last part of a path, or the one before it; "/" where there is none. Both kinds of separator
   * count.
   */
  private static String lastPart(String path, int fromEnd) {
    int end = endOfPart(path, path.length());
    for (int i = 0; i < fromEnd; i++) {
      end = endOfPart(path, startOfPart(path, end));
    }
    String part = path.substring(startOfPart(path, end), end);
    return part.isBlank() ? "/" : part;
  }

  private static int endOfPart(String path, int from) {
    int end = from;
    while (end > 0 && isSeparator(path.charAt(end - 1))) {
      end--;
    }
    return end;
  }

  private static int startOfPart(String path, int end) {
    int start = end;
    while (start > 0 && !isSeparator(path.charAt(start - 1))) {
      start--;
    }
    return start;
  }

  private static boolean isSeparator(char c) {
    return c == '/' || c == '\\';
  }
}
