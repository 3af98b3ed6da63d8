package dev.peers.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IoReasonTest {
  @TempDir Path directory;

  @Test
  void addsTheReasonWhereTheMessageIsThePathAlone() {
    Path missing = directory.resolve("missing");
    IOException failure =
        catchThrowableOfType(IOException.class, () -> Files.newInputStream(missing));

    assertThat(failure.getMessage()).isEqualTo(missing.toString());
    assertThat(IoReason.of(failure)).isEqualTo(missing + ": no such file or directory");
    assertThat(IoReason.of(new AccessDeniedException("/etc/x")))
        .isEqualTo("/etc/x: permission denied");
    assertThat(IoReason.of(new FileSystemException("/a", "/b", null)))
        .isEqualTo("/a: -> /b: FileSystemException");
    assertThat(IoReason.brief(failure)).isEqualTo("no such file or directory");
  }

  @Test
  void keepsWhatSaysMore() {
    assertThat(IoReason.of(new FileSystemException("/ro/x", null, "Read-only file system")))
        .isEqualTo("/ro/x: Read-only file system");
    assertThat(IoReason.of(new IOException("No space left on device")))
        .isEqualTo("No space left on device");
    assertThat(IoReason.of(new IOException())).isEqualTo("IOException");
  }
}
