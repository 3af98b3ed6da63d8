package dev.peers.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.peers.Workspace;
import dev.peers.spi.Providers;
import dev.peers.spi.SummarizerProvider;
import dev.peers.spi.WorkContext;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GitSummarizerTest {
  private static final Workspace EEL = new Workspace("/code/eel", "/code/eel", null, "lexer");

  private final SummarizerProvider provider = Providers.of(SummarizerProvider.class).named("git");

  @Test
  void saysWhatIsBeingDoneInTwoSentences() {
    assertThat(
            text(
                new WorkContext(
                    EEL,
                    List.of("Tokenise strings", "Begin"),
                    List.of("src/Lexer.java", "src/A.java", "src/B.java"),
                    List.of("pom.xml"),
                    List.of("Maven", "Java"))))
        .isEqualTo(
            "On branch lexer of eel, a Maven project in Java."
                + " Last commit: Tokenise strings; changing Lexer.java and 2 more files.");
  }

  @Test
  void saysOnlyWhatIsKnown() {
    List<String> none = List.of();
    assertThat(text(new WorkContext(EEL, none, none, none, none)))
        .isEqualTo("On branch lexer of eel.");
    assertThat(text(new WorkContext(EEL.onBranch("1a2b3c4"), List.of("Fix it."), none, none, none)))
        .isEqualTo("At commit 1a2b3c4 of eel. Last commit: Fix it.");
    assertThat(
            text(
                new WorkContext(
                    EEL, List.of("Fix it"), none, List.of("a/b.ex", "c.ex"), List.of("Elixir"))))
        .isEqualTo(
            "On branch lexer of eel, an Elixir project."
                + " Last commit: Fix it; lately in b.ex and 1 more file.");
    assertThat(
            text(
                new WorkContext(
                    Workspace.of("/code/eel"),
                    none,
                    none,
                    none,
                    List.of("Gradle", "Node.js", "Kotlin", "TypeScript", "Shell"))))
        .isEqualTo("In eel, a Gradle and Node.js project in Kotlin, TypeScript and Shell.");
    assertThat(text(new WorkContext(EEL, none, List.of("b.c"), none, List.of("C"))))
        .isEqualTo("On branch lexer of eel, a project in C. Changing b.c.");
    // Only so many are ever named to it.
    List<String> all = Collections.nCopies(GitContext.MAX_FILES, "b.c");
    assertThat(text(new WorkContext(EEL, none, all, none, List.of("C"))))
        .isEqualTo("On branch lexer of eel, a project in C. Changing b.c and many more files.");
  }

  @Test
  void hasNothingToSayOfAPlainDirectory() {
    WorkContext plain =
        new WorkContext(Workspace.of("/tmp"), List.of(), List.of(), List.of(), List.of());
    assertThat(provider.create(Map.of()).summarize(plain)).isEmpty();
  }

  @Test
  void staysShortAndOnOneLineWhateverItIsTold() {
    String rabbits = "\uD83D\uDC07".repeat(120);
    WorkContext context =
        new WorkContext(
            new Workspace("/x", "/" + rabbits, null, rabbits),
            List.of("a\r\n\u202e" + rabbits),
            Collections.nCopies(30, rabbits + ".java"),
            List.of(),
            List.of("Maven", "Gradle", "TypeScript", "JavaScript", "Clojure"));

    assertThat(text(context))
        .hasSizeBetween(250, 400)
        .doesNotContain("\n", "\r", "\u202e")
        // No half of a character: that would come back as a question mark.
        .satisfies(text -> assertThat(new String(text.getBytes(UTF_8), UTF_8)).isEqualTo(text))
        .contains("a \uD83D");
  }

  private String text(WorkContext context) {
    assertThat(provider.available(Map.of())).isTrue();
    return provider.create(Map.of()).summarize(context).orElseThrow();
  }
}
