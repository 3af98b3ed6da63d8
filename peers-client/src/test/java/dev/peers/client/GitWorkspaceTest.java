package dev.peers.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peers.Scope;
import dev.peers.Workspace;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against repositories that git itself made. */
class GitWorkspaceTest {
  @TempDir Path temporary;
  private Path base;

  @BeforeEach
  void realPath() throws Exception {
    base = temporary.toRealPath();
  }

  @Test
  void knowsOneRepositoryByItsWorktreesAndSubdirectories() throws Exception {
    Path main = repository("mein Ördner");
    Path sub = Files.createDirectories(main.resolve("src/deep"));
    Path tree = base.resolve("tree");
    git(main, "worktree", "add", "-q", "-b", "side", tree.toString());

    Workspace top = GitWorkspace.at(main);
    Workspace below = GitWorkspace.at(sub);
    Workspace beside = GitWorkspace.at(tree);

    assertThat(top)
        .isEqualTo(
            new Workspace(
                main.toString(), main.toString(), main.resolve(".git").toString(), "main"));
    assertThat(below.cwd()).isEqualTo(sub.toString());
    assertThat(below.gitRoot()).isEqualTo(main.toString());
    assertThat(beside.gitRoot()).isEqualTo(tree.toString());
    assertThat(beside.gitBranch()).isEqualTo("side");
    for (Workspace each : List.of(top, below, beside)) {
      assertThat(each.repositoryName()).isEqualTo("mein Ördner");
      assertThat(Scope.repositoryOf(top).includes(each)).isTrue();
    }
    assertThat(Scope.repositoryOf(top).includes(GitWorkspace.at(repository("other")))).isFalse();
  }

  @Test
  void followsTheBranch() throws Exception {
    Path main = repository("eel");
    Workspace before = GitWorkspace.at(main);
    git(main, "checkout", "-q", "-b", "feature/x");
    assertThat(GitWorkspace.refresh(before).gitBranch()).isEqualTo("feature/x");
    String commit = git(main, "rev-parse", "HEAD").strip();
    git(main, "checkout", "-q", "--detach");
    assertThat(GitWorkspace.refresh(before).gitBranch()).isEqualTo(commit.substring(0, 7));
  }

  @Test
  void seesTheRealPathBehindALink() throws Exception {
    Path main = repository("eel");
    Path link = Files.createSymbolicLink(base.resolve("link"), main);
    assertThat(GitWorkspace.at(link)).isEqualTo(GitWorkspace.at(main));
  }

  @Test
  void takesWhatItCannotReadForNoRepository() throws Exception {
    Path plain = Files.createDirectories(base.resolve("plain"));
    assertThat(GitWorkspace.at(plain)).isEqualTo(Workspace.of(plain.toString()));
    Files.writeString(plain.resolve(".git"), "gitdir: \u0000/nowhere\n");
    assertThat(GitWorkspace.at(plain)).isEqualTo(Workspace.of(plain.toString()));
    Files.writeString(plain.resolve(".git"), "gitdir: ../missing\n");
    assertThat(GitWorkspace.at(plain)).isEqualTo(Workspace.of(plain.toString()));
    Path odd = Files.createDirectories(base.resolve("odd/.git"));
    Files.writeString(odd.resolve("HEAD"), "\u001b[31m".repeat(5000));
    assertThat(GitWorkspace.at(odd.getParent()).gitBranch()).isNull();
    assertThat(GitWorkspace.at(base.resolve("gone")).cwd())
        .isEqualTo(base.resolve("gone").toString());
  }

  @Test
  void aWorkTreeThatWasRemovedIsNotTakenForTheRepositoryAroundIt() throws Exception {
    Path main = repository("eel");
    Path tree = main.resolve("trees/side");
    git(main, "worktree", "add", "-q", "-b", "side", tree.toString());
    assertThat(GitWorkspace.at(tree).gitBranch()).isEqualTo("side");
    git(main, "worktree", "remove", tree.toString());

    assertThat(GitWorkspace.at(tree)).isEqualTo(Workspace.of(tree.toString()));
  }

  @Test
  void showsADirectoryWithALineBreakOnOneLine() throws Exception {
    Path broken = Files.createDirectories(base.resolve("a\nb"));
    assertThat(GitWorkspace.at(broken).cwd()).endsWith("a\uFFFDb");
  }

  private Path repository(String name) throws Exception {
    Path directory = Files.createDirectories(base.resolve(name));
    git(directory, "init", "-q", "-b", "main");
    git(directory, "commit", "-q", "--allow-empty", "-m", "first");
    return directory;
  }

  private String git(Path directory, String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(List.of("git", "-c", "user.name=t", "-c", "user.email=t@localhost"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
    builder.environment().keySet().removeIf(name -> name.startsWith("GIT_"));
    builder.environment().put("GIT_CONFIG_GLOBAL", "/dev/null");
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }
}
