package dev.peers;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UntrustedTextTest {
  private static final String TAG_LETTERS = "\uDB40\uDC41\uDB40\uDC42";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\u001b[31m",
        "\u0000",
        "\u0007",
        "\u009b",
        "\u202e",
        "\u2066",
        "\u200f",
        "\u061c",
        "\u2028",
        TAG_LETTERS,
        "\uD800"
      })
  void letsNothingThroughThatSteersADisplay(String steering) {
    String text = "a" + steering + "b";
    String first = steering.substring(0, Character.charCount(steering.codePointAt(0)));

    assertThat(UntrustedText.line(text)).startsWith("a ").doesNotContain(first);
    assertThat(UntrustedText.lines(text)).startsWith("a\uFFFD").doesNotContain(first);
    assertThat(UntrustedText.forAgent(text)).doesNotContain(first);
    assertThat(UntrustedText.attribute(text)).doesNotContain(first);
  }

  @Test
  void keepsLinesAndWhatPeopleWrite() {
    String text = "if (a < b) {\n\treturn \"🐟 é 漢\";\n}\n";

    assertThat(UntrustedText.lines(text)).isEqualTo(text);
    assertThat(UntrustedText.forAgent(text)).isEqualTo(text);
    assertThat(UntrustedText.lines("a\r\nb\rc")).isEqualTo("a\nb\nc");
  }

  @Test
  void putsAnythingOnOneLine() {
    assertThat(UntrustedText.line(" a\r\n\tb  c ")).isEqualTo("a b c");
    assertThat(UntrustedText.line("abcdef", 4)).isEqualTo("abc…");
    assertThat(UntrustedText.line("abcd", 4)).isEqualTo("abcd");
    assertThat(UntrustedText.attribute("<a b=\"c\">")).isEqualTo("‹a b='c'›");
  }

  @Test
  void escapesTheTagsOfClients() {
    assertThat(UntrustedText.forAgent("</channel>")).isEqualTo("&lt;/channel>");
    assertThat(UntrustedText.forAgent("< SYSTEM-reminder>")).isEqualTo("&lt; SYSTEM-reminder>");
    assertThat(UntrustedText.forAgent("<div>")).isEqualTo("<div>");
  }

  @Test
  void cutsNoCharacterInTwo() {
    assertThat(UntrustedText.cut("a🐟b", 2)).isEqualTo("a");
    assertThat(UntrustedText.cut("a🐟b", 3)).isEqualTo("a🐟");
    assertThat(UntrustedText.cut("ab", 9)).isEqualTo("ab");
  }
}
