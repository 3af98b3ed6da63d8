package dev.peers.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peers.ErrorCode;
import dev.peers.PeersException;
import dev.peers.Workspace;
import dev.peers.spi.Summarizer;
import dev.peers.spi.WorkContext;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SummarizerChainTest {
  private static final WorkContext CONTEXT =
      new WorkContext(
          new Workspace("/code/eel", "/code/eel", null, "lexer"),
          List.of(),
          List.of(),
          List.of(),
          List.of());
  private static final String FROM_GIT = "On branch lexer of eel.";

  private final Summarizer failing =
      context -> {
        throw new PeersException(ErrorCode.UNAVAILABLE, "no");
      };
  private final Summarizer broken =
      context -> {
        throw new IllegalStateException("a third party's defect");
      };

  @Test
  void asksTheNextWhereOneFailsOrHasNothingToSay() {
    Summarizer silent = context -> Optional.empty();
    Summarizer first = context -> Optional.of("first");
    Summarizer second = context -> Optional.of("second");

    assertThat(
            new SummarizerChain(List.of(failing, broken, silent, first, second)).summarize(CONTEXT))
        .contains("first");
    assertThat(new SummarizerChain(List.of(failing, silent)).summarize(CONTEXT)).isEmpty();
  }

  @Test
  void fallsBackToGitFromAModelThatCannotBeReached() {
    // Port 1 of the loopback: nobody is there.
    Map<String, String> model =
        Map.of("OPENAI_API_KEY", "sk-test", "OPENAI_BASE_URL", "http://127.0.0.1:1/v1");
    for (String name : List.of("auto", "openai")) {
      Map<String, String> settings = new HashMap<>(model);
      settings.put("CLAUDE_PEERS_SUMMARIZER", name);
      assertThat(summary(settings)).contains(FROM_GIT);
    }
  }

  @Test
  void doesWithoutAModelThatIsSetWrongly() {
    assertThat(summary(Map.of("OPENAI_API_KEY", "sk-test", "OPENAI_BASE_URL", "nowhere")))
        .contains(FROM_GIT);
    assertThat(summary(Map.of("CLAUDE_PEERS_SUMMARIZER", "openai"))).contains(FROM_GIT);
  }

  @Test
  void asksNobodyWhereItIsOff() {
    assertThat(of(Map.of("CLAUDE_PEERS_SUMMARIZER", "off", "OPENAI_API_KEY", "sk-test"))).isNull();
  }

  @Test
  void refusesANameThatNobodyHas() {
    assertThatThrownBy(() -> of(Map.of("CLAUDE_PEERS_SUMMARIZER", "oracle")))
        .isInstanceOf(Config.InvalidSetting.class)
        .hasMessageStartingWith(
            "CLAUDE_PEERS_SUMMARIZER is 'oracle'; expected one of: auto, off, git, openai");
  }

  private static Optional<String> summary(Map<String, String> settings) {
    try (SummarizerChain summaries = of(settings)) {
      return summaries.summarize(CONTEXT);
    }
  }

  private static SummarizerChain of(Map<String, String> settings) {
    Map<String, String> environment = new HashMap<>(settings);
    environment.put("HOME", "/nonexistent");
    return SummarizerChain.of(Config.of(environment), Plugins.of(List.of()));
  }
}
