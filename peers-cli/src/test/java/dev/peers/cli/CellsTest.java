package dev.peers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CellsTest {
  @Test
  void countsWideCharactersTwiceAndMarksNotAtAll() {
    assertThat(Cells.width("eel")).isEqualTo(3);
    assertThat(Cells.width("網を直す")).isEqualTo(8);
    assertThat(Cells.width("🎣")).isEqualTo(2);
    assertThat(Cells.width("e\u0301\u200b")).isEqualTo(1);
    assertThat(Cells.width("❤\ufe0f")).isEqualTo(2);
    assertThat(Cells.width("Ä…ß")).isEqualTo(3);
  }

  @Test
  void cutsAtTheEndBetweenCharacters() {
    assertThat(Cells.cutEnd("mending", 7)).isEqualTo("mending");
    assertThat(Cells.cutEnd("mending", 6)).isEqualTo("mendi…");
    assertThat(Cells.cutEnd("🎣🎣🎣", 5)).isEqualTo("🎣🎣…");
    assertThat(Cells.cutEnd("🎣🎣🎣", 4)).isEqualTo("🎣…");
    assertThat(Cells.cutEnd("e\u0301e\u0301e\u0301", 2)).isEqualTo("e\u0301…");
    assertThat(Cells.cutEnd("mending", 1)).isEqualTo("…");
  }

  @Test
  void cutsAPathAtTheStartOfAName() {
    assertThat(Cells.cutStart("~/work/harbour/nets", 19)).isEqualTo("~/work/harbour/nets");
    assertThat(Cells.cutStart("~/work/harbour/nets", 16)).isEqualTo("…/harbour/nets");
    assertThat(Cells.cutStart("/a/very-long-name", 8)).isEqualTo("…ng-name");
    assertThat(Cells.cutStart("/網/網網網", 8)).isEqualTo("…/網網網");
    assertThat(Cells.cutStart("abe\u0301", 2)).isEqualTo("…e\u0301");
  }

  @Test
  void cutsInTheMiddleSoThatBothEndsTell() {
    assertThat(Cells.cutMiddle("frontend-of-the-shop-k3f9", 12)).isEqualTo("front…p-k3f9");
    assertThat(Cells.cutMiddle("網網網網", 6)).isEqualTo("網…網");
  }
}
