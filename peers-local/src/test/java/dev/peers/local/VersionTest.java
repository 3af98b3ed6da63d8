package dev.peers.local;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class VersionTest {
  @Test
  void comparesNumberByNumber() {
    String[] ascending = {
      "unknown", "0.1.0-SNAPSHOT", "0.1.0", "0.1.1-SNAPSHOT", "0.1.1", "0.9", "0.10.2", "1", "1.0.1"
    };
    for (int i = 0; i < ascending.length; i++) {
      for (int j = 0; j < ascending.length; j++) {
        assertThat(Version.isNewer(ascending[i], ascending[j]))
            .as(ascending[i] + " over " + ascending[j])
            .isEqualTo(i > j);
      }
    }
    assertThat(Version.isNewer("1.0", "1")).isFalse();
    assertThat(Version.isNewer("1", "1.0")).isFalse();
    assertThat(Version.isNewer("", "1")).isFalse();
    assertThat(Version.isNewer("1", "")).isTrue();
  }

  @Test
  void outsideAJarNothingIsReplaced() {
    assertThat(Version.ownIsNewer("{\"pid\":1,\"version\":\"0.0.1\"}")).isFalse();
    assertThat(Version.ownIsNewer("")).isFalse();
  }
}
