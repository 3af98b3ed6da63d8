package dev.peers.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peers.Workspace;
import dev.peers.spi.WorkContext;
import dev.peers.tck.Eventually;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GitContextTest {
  /** Longer than in earnest: a machine under load is not what these tests are about. */
  private static final GitContext PATIENT = new GitContext("git", Duration.ofSeconds(30));

  @TempDir Path temporary;
  private Path base;

  @BeforeEach
  void realPath() throws Exception {
    base = temporary.toRealPath();
  }

  @Test
  void gathersCommitsFilesAndTheKindOfProject() throws Exception {
    TestRepository eel =
        TestRepository.in(base.resolve("eel"))
            .write("pom.xml", "<project/>")
            .commit("Begin")
            .write("src/Lexer.java", "class Lexer {}")
            .write("src/Token.java", "class Token {}")
            .commit("Tokenise strings\n\nAt length.")
            .write("src/Lexer.java", "class Lexer { int i; }")
            .write("untracked.txt", "mine");

    WorkContext context = PATIENT.gather(eel.workspace());

    assertThat(context.workspace()).isEqualTo(eel.workspace());
    assertThat(context.recentCommits()).containsExactly("Tokenise strings", "Begin");
    assertThat(context.modifiedFiles()).containsExactly("src/Lexer.java");
    assertThat(context.recentFiles())
        .containsExactly("src/Lexer.java", "src/Token.java", "pom.xml");
    assertThat(context.projectTypes()).containsExactly("Maven", "Java");
  }

  @Test
  void gathersNoMoreThanIsOfUse() throws Exception {
    TestRepository eel = TestRepository.in(base.resolve("eel"));
    for (int i = 0; i < 12; i++) {
      for (int j = 0; j < 5; j++) {
        eel.write("file" + i + "-" + j + ".txt", "old");
      }
      eel.commit("Commit " + i + " " + "x".repeat(1000));
    }
    for (int i = 0; i < 12; i++) {
      for (int j = 0; j < 5; j++) {
        eel.write("file" + i + "-" + j + ".txt", "changed");
      }
    }

    WorkContext context = PATIENT.gather(eel.workspace());

    assertThat(context.recentCommits()).hasSize(10);
    assertThat(context.recentCommits().get(0))
        .startsWith("Commit 11 xx")
        .endsWith("…")
        .hasSize(200);
    assertThat(context.modifiedFiles()).hasSize(30);
    assertThat(context.recentFiles()).hasSize(30);
  }

  @Test
  void showsHostileNamesOnOneLine() throws Exception {
    TestRepository eel =
        TestRepository.in(base.resolve("eel"))
            .write("a\nb\u202e.java", "1")
            .commit("\u001b[31mred\u2066 or\u2028not")
            .write("a\nb\u202e.java", "2");

    WorkContext context = PATIENT.gather(eel.workspace());

    assertThat(context.recentCommits()).containsExactly("[31mred or not");
    assertThat(context.modifiedFiles()).containsExactly("a b .java");
    assertThat(context.recentFiles()).containsExactly("a b .java");
  }

  @Test
  void knowsLittleOutsideGitAndOfAnEmptyRepository() throws Exception {
    Path plain = Files.createDirectories(base.resolve("plain/inner"));
    Files.writeString(plain.resolveSibling("go.mod"), "module x");
    Files.writeString(plain.resolve("deep.py"), "");

    WorkContext outside = PATIENT.gather(GitWorkspace.at(plain.getParent()));
    WorkContext empty = PATIENT.gather(TestRepository.in(base.resolve("new")).workspace());
    WorkContext gone = PATIENT.gather(Workspace.of(base.resolve("gone").toString()));

    assertThat(outside.projectTypes()).containsExactly("Go");
    for (WorkContext each : List.of(outside, empty, gone)) {
      assertThat(each.recentCommits()).isEmpty();
      assertThat(each.modifiedFiles()).isEmpty();
      assertThat(each.recentFiles()).isEmpty();
    }
  }

  @Test
  void doesWithoutAGitThatIsMissingOrFails() throws Exception {
    TestRepository eel = repositoryWithAChange();
    Path failing = TestRepository.script(base.resolve("failing"), "printf 'half\\0'", "exit 3");

    for (String executable : List.of(base.resolve("none").toString(), failing.toString())) {
      WorkContext context =
          new GitContext(executable, Duration.ofSeconds(30)).gather(eel.workspace());
      assertThat(context.recentCommits()).isEmpty();
      assertThat(context.modifiedFiles()).isEmpty();
      assertThat(context.projectTypes()).containsExactly("Maven");
    }
  }

  @Test
  void givesUpAGitThatHangsAndEndsWhatItStarted() throws Exception {
    TestRepository eel = repositoryWithAChange();
    Path child = base.resolve("child");
    Path hanging =
        TestRepository.script(
            base.resolve("hanging"), "sleep 600 &", "echo $! > '" + child + "'", "wait");

    long start = System.nanoTime();
    WorkContext context =
        new GitContext(hanging.toString(), Duration.ofSeconds(3)).gather(eel.workspace());

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
    assertThat(context.recentCommits()).isEmpty();
    assertThat(context.modifiedFiles()).isEmpty();
    long pid = Long.parseLong(Files.readString(child).strip());
    Eventually.eventually(
        "the child is gone", () -> ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty());
  }

  @Test
  void stopsAGitThatWritesForEver() throws Exception {
    TestRepository eel = repositoryWithAChange();
    Path endless =
        TestRepository.script(base.resolve("endless"), "while :; do printf 'again\\0'; done");

    WorkContext context =
        new GitContext(endless.toString(), Duration.ofSeconds(30)).gather(eel.workspace());

    assertThat(context.recentCommits()).hasSize(10).containsOnly("again");
    assertThat(context.recentFiles()).containsExactly("again");
    assertThat(context.modifiedFiles()).isEmpty();
  }

  @Test
  void runsNothingThatARepositoryNames() throws Exception {
    TestRepository eel = repositoryWithAChange();
    Path ran = base.resolve("ran");
    String evil =
        TestRepository.script(base.resolve("evil"), "touch '" + ran + "'", "cat").toString();
    Path hooks = Files.createDirectories(base.resolve("hooks"));
    TestRepository.script(hooks.resolve("post-index-change"), "touch '" + ran + "'");
    eel.write(".gitattributes", "*.txt filter=evil\n");
    for (String[] setting :
        List.of(
            new String[] {"core.fsmonitor", evil},
            new String[] {"filter.evil.clean", evil},
            new String[] {"filter.evil.required", "true"},
            new String[] {"core.hooksPath", hooks.toString()},
            new String[] {"core.pager", evil},
            new String[] {"diff.external", evil},
            new String[] {"log.showSignature", "true"},
            new String[] {"gpg.program", evil})) {
      eel.git("config", setting[0], setting[1]);
    }
    eel.write("note.txt", "two");
    eel.git("status");
    assertThat(ran).as("what a plain git does").exists();
    Files.delete(ran);
    // Of the same size as the committed one, so that its content must be looked at.
    eel.write("note.txt", "owt");

    WorkContext context = PATIENT.gather(eel.workspace());

    assertThat(context.modifiedFiles()).contains("note.txt");
    assertThat(context.recentCommits()).containsExactly("Begin");
    assertThat(ran).doesNotExist();
  }

  @Test
  void doesNotAskForChangesWhereAFilterCannotBeSwitchedOff() throws Exception {
    TestRepository eel = repositoryWithAChange();
    Path ran = base.resolve("ran");
    String evil =
        TestRepository.script(base.resolve("evil"), "touch '" + ran + "'", "cat").toString();
    eel.write(".gitattributes", "*.txt filter=a=b\n");
    eel.git("config", "filter.a=b.clean", evil);
    eel.write("note.txt", "owt");

    WorkContext context = PATIENT.gather(eel.workspace());

    assertThat(context.modifiedFiles()).isEmpty();
    assertThat(context.recentCommits()).containsExactly("Begin");
    assertThat(ran).doesNotExist();
  }

  private TestRepository repositoryWithAChange() throws Exception {
    return TestRepository.in(base.resolve("eel"))
        .write("pom.xml", "<project/>")
        .write("note.txt", "one")
        .commit("Begin")
        .write("note.txt", "two and more");
  }
}
