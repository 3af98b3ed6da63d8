package dev.peers.client;

import static dev.peers.Arguments.required;

import dev.peers.UntrustedText;
import dev.peers.Workspace;
import dev.peers.spi.WorkContext;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Gathers what a summarizer may know of a session: names of files and commits, never contents. It
 * runs {@code git} for two seconds at most; what cannot be had, without git or outside a
 * repository, is empty.
 *
 * @since 0.1
 */
public final class GitContext {
  private static final Duration LIMIT = Duration.ofSeconds(2);
  private static final int MAX_COMMITS = 10;

  /** How many files are named; where there are as many there may be more. */
  static final int MAX_FILES = 30;

  private static final int MAX_CHARS = 200;
  private static final int MAX_FILTERS = 100;

  /** A setting whose name can be repeated on a command line and means the same there. */
  private static final Pattern PLAIN = Pattern.compile("[ -~&&[^=]]+");

  private final String executable;
  private final Duration limit;

  /**
   * Gathers with another git.
   *
   * @param executable the program, or its name on the search path
   * @param limit how long it may take in all
   */
  GitContext(String executable, Duration limit) {
    this.executable = executable;
    this.limit = limit;
  }

  /**
   * Gathers the context of a session of this machine. Blocks while git works.
   *
   * @param workspace where the session works
   * @return what is known, each value on one line
   */
  public static WorkContext of(Workspace workspace) {
    return new GitContext("git", LIMIT).gather(required("workspace", workspace));
  }

  WorkContext gather(Workspace workspace) {
    try {
      String root = workspace.gitRoot();
      return root == null
          ? new WorkContext(
              workspace,
              List.of(),
              List.of(),
              List.of(),
              ProjectTypes.of(Path.of(workspace.cwd()), false, List.of()))
          : inRepository(workspace, Path.of(root));
    } catch (InvalidPathException e) {
      return new WorkContext(workspace, List.of(), List.of(), List.of(), List.of());
    }
  }

  private WorkContext inRepository(Workspace workspace, Path root) {
    GitCommand git = new GitCommand(executable, root, limit);
    List<String> commits = lines(recentCommits(git), MAX_COMMITS);
    List<String> recent = lines(recentFiles(git), MAX_FILES);
    List<String> modified = lines(modifiedFiles(git), MAX_FILES);
    List<String> names = new ArrayList<>(modified);
    names.addAll(recent);
    return new WorkContext(
        workspace, commits, modified, recent, ProjectTypes.of(root, true, names));
  }

  private static List<String> recentCommits(GitCommand git) {
    return git.run(
            MAX_COMMITS,
            List.of(),
            "log",
            "-z",
            "--max-count=" + MAX_COMMITS,
            "--no-color",
            "--no-show-signature",
            "--encoding=UTF-8",
            "--format=%s",
            "HEAD",
            "--")
        .usable();
  }

  private static Set<String> recentFiles(GitCommand git) {
    List<String> names =
        git.run(
                // Many commits may touch the same files.
                MAX_FILES * MAX_COMMITS,
                List.of(),
                "log",
                "-z",
                "--max-count=" + MAX_COMMITS,
                "--no-color",
                "--no-show-signature",
                "--no-ext-diff",
                "--no-textconv",
                "--no-renames",
                "--ignore-submodules=all",
                "--name-only",
                "--format=",
                "HEAD",
                "--")
            .usable();
    return new LinkedHashSet<>(names);
  }

  /**
   * Asks for the state of the work tree. To compare files git may pass them through filters, which
   * are programs that the repository names: those are switched off first, and where that cannot be
   * done for certain, nothing is asked.
   */
  private static List<String> modifiedFiles(GitCommand git) {
    GitCommand.Output filters =
        git.run(
            MAX_FILTERS,
            List.of(),
            "config",
            "--null",
            "--name-only",
            "--get-regexp",
            "^filter\\.");
    // 1 says that there is none.
    if (filters.exit() != 0 && filters.exit() != 1) {
      return List.of();
    }
    Set<String> off = new LinkedHashSet<>();
    for (String key : filters.fields()) {
      if (!PLAIN.matcher(key).matches()) {
        return List.of();
      }
      String filter = key.substring(0, key.lastIndexOf('.'));
      off.add(filter + ".clean=");
      off.add(filter + ".process=");
      off.add(filter + ".required=false");
    }
    List<String> names = new ArrayList<>();
    for (String entry :
        git.run(
                MAX_FILES,
                List.copyOf(off),
                "status",
                "--porcelain=v1",
                "-z",
                "--untracked-files=no",
                "--ignore-submodules=all",
                "--no-renames",
                "--")
            .usable()) {
      // Two letters of state and a space come before the name.
      if (entry.length() > 3) {
        names.add(entry.substring(3));
      }
    }
    return names;
  }

  private static List<String> lines(Collection<String> texts, int max) {
    return texts.stream()
        .map(text -> UntrustedText.line(text, MAX_CHARS))
        .filter(text -> !text.isEmpty())
        .limit(max)
        .toList();
  }
}
