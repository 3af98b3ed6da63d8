package dev.peers.cli.shell;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DisplayWidthTest {
  @Test
  void countsWideCharactersTwiceAndMarksNotAtAll() {
    assertThat(DisplayWidth.width("eel")).isEqualTo(3);
    assertThat(DisplayWidth.width("網を直す")).isEqualTo(8);
    assertThat(DisplayWidth.width("🎣")).isEqualTo(2);
    assertThat(DisplayWidth.width("e\u0301\u200b")).isEqualTo(1);
    assertThat(DisplayWidth.width("❤\ufe0f")).isEqualTo(2);
    assertThat(DisplayWidth.width("Ä…ß")).isEqualTo(3);
  }

  @Test
  void cutsAtTheEndBetweenCharacters() {
    assertThat(DisplayWidth.cutEnd("mending", 7)).isEqualTo("mending");
    assertThat(DisplayWidth.cutEnd("mending", 6)).isEqualTo("mendi…");
    assertThat(DisplayWidth.cutEnd("🎣🎣🎣", 5)).isEqualTo("🎣🎣…");
    assertThat(DisplayWidth.cutEnd("🎣🎣🎣", 4)).isEqualTo("🎣…");
    assertThat(DisplayWidth.cutEnd("e\u0301e\u0301e\u0301", 2)).isEqualTo("e\u0301…");
    assertThat(DisplayWidth.cutEnd("mending", 1)).isEqualTo("…");
  }

  @Test
  void cutsAPathAtTheStartOfAName() {
    assertThat(DisplayWidth.cutStart("~/work/harbour/nets", 19)).isEqualTo("~/work/harbour/nets");
    assertThat(DisplayWidth.cutStart("~/work/harbour/nets", 16)).isEqualTo("…/harbour/nets");
    assertThat(DisplayWidth.cutStart("/a/very-long-name", 8)).isEqualTo("…ng-name");
    assertThat(DisplayWidth.cutStart("/網/網網網", 8)).isEqualTo("…/網網網");
    assertThat(DisplayWidth.cutStart("abe\u0301", 2)).isEqualTo("…e\u0301");
  }

  @Test
  void cutsInTheMiddleSoThatBothEndsTell() {
    assertThat(DisplayWidth.cutMiddle("frontend-of-the-shop-k3f9", 12)).isEqualTo("front…p-k3f9");
    assertThat(DisplayWidth.cutMiddle("網網網網", 6)).isEqualTo("網…網");
  }
}
