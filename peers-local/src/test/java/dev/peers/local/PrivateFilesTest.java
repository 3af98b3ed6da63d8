package dev.peers.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrivateFilesTest {
  private static final int EVERYBODYS = 0777;
  private static final int EVERYBODYS_BUT_EACH_HIS_OWN = 01777;

  @TempDir Path directory;

  @BeforeEach
  void modesAreKnown() {
    assumeTrue(FileSystems.getDefault().supportedFileAttributeViews().contains("unix"));
  }

  @Test
  void takesWhateverIsInADirectoryOfOnesOwn() throws IOException {
    Path target = Files.createFile(directory.resolve("target"));
    Path link = Files.createSymbolicLink(directory.resolve("link"), target);
    assertThatCode(() -> PrivateFiles.requireOwn(link)).doesNotThrowAnyException();
  }

  @Test
  void takesOwnFilesOnlyWhereOthersMayWrite() throws IOException {
    Path target = Files.createFile(directory.resolve("target"));
    Path link = Files.createSymbolicLink(directory.resolve("link"), target);
    Files.setAttribute(directory, "unix:mode", EVERYBODYS_BUT_EACH_HIS_OWN);

    assertThatCode(() -> PrivateFiles.requireOwn(target)).doesNotThrowAnyException();
    assertThatCode(() -> PrivateFiles.requireOwn(directory.resolve("none")))
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> PrivateFiles.requireOwn(link))
        .hasMessageStartingWith(link + " is a link in a directory that others may write");
    try (var left = Files.list(directory)) {
      assertThat(left).containsExactlyInAnyOrder(target, link);
    }
  }

  @Test
  void refusesADirectoryWhereAnybodyMayReplaceFiles() throws IOException {
    Path file = Files.createFile(directory.resolve("file"));
    Files.setAttribute(directory, "unix:mode", EVERYBODYS);
    assertThatThrownBy(() -> PrivateFiles.requireOwn(file))
        .hasMessageStartingWith("any user may replace the files in " + directory);
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
  }
}
