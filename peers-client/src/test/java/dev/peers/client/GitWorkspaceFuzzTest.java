package dev.peers.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.peers.Workspace;
import dev.peers.tck.FuzzContract;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.MethodSource;

/** The files .git, HEAD and commondir of a work tree, divided by '|'. */
class GitWorkspaceFuzzTest implements FuzzContract {
  private Path tree;
  private Path gitDir;

  @BeforeAll
  void makeTree(@TempDir Path directory) throws IOException {
    tree = Files.createDirectory(directory.resolve("tree"));
    gitDir = Files.createDirectory(tree.resolve("real"));
  }

  @Override
  public int mutations() {
    return 200;
  }

  @Override
  public Stream<byte[]> seeds() {
    return FuzzContract.texts(
        "gitdir: real\n|ref: refs/heads/main\n|..\n",
        "gitdir: real|0123456789abcdef0123456789abcdef01234567|" + "x/".repeat(2_047),
        "gitdir: ./real/../real|ref: refs/heads/.invalid|/",
        "gitdir: real|ref: refs/heads/\u001b[31m\u0085x|\u0000",
        "gitdir: |ref: refs/heads/" + "x".repeat(300) + "|a\nb");
  }

  @Override
  @MethodSource("seeds")
  @FuzzTest
  public void holds(byte[] input) throws IOException {
    String[] parts = new String(input, StandardCharsets.ISO_8859_1).split("\\|", 3);
    write(tree.resolve(".git"), parts[0]);
    write(gitDir.resolve("HEAD"), parts.length > 1 ? parts[1] : "");
    write(gitDir.resolve("commondir"), parts.length > 2 ? parts[2] : "");

    Workspace found = GitWorkspace.at(tree);

    assertThat(found.cwd()).isEqualTo(tree.toRealPath().toString());
    Workspace again = GitWorkspace.refresh(found);
    for (Workspace each : new Workspace[] {found, again}) {
      for (String text :
          new String[] {each.gitRoot(), each.gitCommonDir(), each.gitBranch(), each.project()}) {
        assertThat(text == null || text.chars().noneMatch(Character::isISOControl)).isTrue();
      }
    }
  }

  private static void write(Path file, String text) throws IOException {
    Files.write(file, text.getBytes(StandardCharsets.ISO_8859_1));
  }
}
