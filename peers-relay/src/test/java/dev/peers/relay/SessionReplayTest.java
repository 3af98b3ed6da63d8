package dev.peers.relay;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class SessionReplayTest {
  private final SessionReplay exchange = new SessionReplay();

  @Test
  void repeatsTheIntroductionAndWhatIsUnanswered() {
    ask("1", "initialize");
    exchange.answered("1", null);
    exchange.asked(null, "notifications/initialized", bytes("initialized"));
    ask("2", "tools/list");
    ask("3", "tools/call");
    exchange.answered("2", null);

    assertThat(replay()).containsExactly("1 initialize", "initialized", "3 tools/call");
  }

  @Test
  void remembersTheLastPushOfThePresentDatabase() {
    exchange.pushed("one", 7);
    exchange.pushed("one", 5);
    assertThat(exchange.pushedIn() + exchange.pushed()).isEqualTo("one7");
    exchange.pushed("other", 2);
    assertThat(exchange.pushedIn() + exchange.pushed()).isEqualTo("other2");
  }

  @Test
  void keepsTheSecondAnswerToTheIntroductionFromTheAgent() {
    ask("1", "initialize");
    assertThat(exchange.answered("1", null)).isTrue();

    replay();

    assertThat(exchange.answered("1", null)).isFalse();
    assertThat(exchange.answered("1", null)).isTrue();
  }

  @Test
  void handsOnTheFirstAnswerToAnIntroductionThatWasRepeated() {
    ask("1", "initialize");

    assertThat(replay()).containsExactly("1 initialize");

    assertThat(exchange.answered("1", null)).isTrue();
    assertThat(exchange.complete()).isTrue();
  }

  @Test
  void anAnswerThatIsNotWantedAnyMoreIsNeitherHandedOnNorProvenNorAskedForAgain() {
    ask("2", "tools/call");
    ask("3", "tools/call");
    exchange.cancelled("2");

    assertThat(replay()).containsExactly("3 tools/call");
    ask("4", "tools/call");
    exchange.cancelled("4");
    assertThat(exchange.answered("4", null)).isFalse();
    assertThat(exchange.wantsProof("4")).isFalse();
    assertThat(exchange.answered("3", null)).isTrue();
    assertThat(exchange.wantsProof("3")).isTrue();
  }

  @Test
  void anAnswerThatCameBeforeItsCancellationIsNotHeldAgainstTheNext() {
    ask("2", "tools/call");
    exchange.answered("2", null);
    exchange.cancelled("2");
    ask("2", "tools/call");
    assertThat(exchange.answered("2", null)).isTrue();
  }

  @Test
  void anIntroductionCannotBeCancelled() {
    ask("1", "initialize");
    exchange.cancelled("1");
    assertThat(exchange.answered("1", null)).isTrue();
  }

  @Test
  void handsOnWhatTheServerSaysByItself() {
    assertThat(exchange.answered(null, "notifications/claude/channel")).isTrue();
    assertThat(exchange.answered("1", "roots/list")).isTrue();
    assertThat(exchange.complete()).isTrue();
  }

  @Test
  void numbersCallsAndRepeatsEachWithItsNumber() {
    byte[] first = exchange.asked("2", "tools/call", bytes("send"));
    assertThat(first).isEqualTo(bytes("{\"peers_call\":1}\nsend"));
    assertThat(exchange.replay()).containsExactly(first);
    exchange.answered("2", null);
    assertThat(exchange.asked("3", "ping", bytes("ping"))).isEqualTo(bytes("ping"));
    exchange.answered("3", null);
    byte[] second = exchange.asked("2", "tools/call", bytes("send"));
    assertThat(second).isEqualTo(bytes("{\"peers_call\":2}\nsend"));
    assertThat(exchange.replay()).containsExactly(second);
  }

  @Test
  void numbersACallWhoseIdIsTooLongToBeKept() {
    for (int number = 1; number <= 2; number++) {
      assertThat(exchange.asked(null, "tools/call", bytes("send")))
          .isEqualTo(bytes("{\"peers_call\":" + number + "}\nsend"));
    }
    assertThat(exchange.complete()).isTrue();
  }

  private void ask(String id, String method) {
    exchange.asked(id, method, bytes(id + " " + method));
  }

  private List<String> replay() {
    return exchange.replay().stream()
        .map(line -> new String(line, StandardCharsets.UTF_8))
        .map(line -> line.replaceFirst("^\\{\"peers_call\":\\d+}\n", ""))
        .toList();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
