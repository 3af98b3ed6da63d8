package dev.peers.spi;

import dev.peers.Arguments;
import dev.peers.Workspace;
import java.util.List;

/**
 * What a summarizer may know of a session: names, never the contents of files.
 *
 * @param workspace directory, repository and branch
 * @param recentCommits subjects of the latest commits, newest first
 * @param modifiedFiles changed and not yet committed, relative to the repository
 * @param recentFiles touched by the latest commits, relative to the repository
 * @param projectTypes what the build files and languages tell, such as {@code Maven} or {@code
 *     TypeScript}
 * @since 0.1
 */
public record WorkContext(
    Workspace workspace,
    List<String> recentCommits,
    List<String> modifiedFiles,
    List<String> recentFiles,
    List<String> projectTypes) {
  /** Copies the lists. */
  public WorkContext {
    Arguments.required("workspace", workspace);
    recentCommits = Arguments.requiredAll("recentCommits", recentCommits);
    modifiedFiles = Arguments.requiredAll("modifiedFiles", modifiedFiles);
    recentFiles = Arguments.requiredAll("recentFiles", recentFiles);
    projectTypes = Arguments.requiredAll("projectTypes", projectTypes);
  }
}
