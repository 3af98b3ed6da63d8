package dev.peers.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RotatingLogHandlerTest {
  @TempDir Path directory;

  @Test
  void aRecordIsALine() throws IOException {
    Path file = directory.resolve("peers.log");
    try (RotatingLogHandler log = new RotatingLogHandler(file)) {
      LogRecord record = new LogRecord(Level.INFO, "two\nlines\u001b[2J");
      record.setLoggerName("dev.peers.daemon.BrokerDaemon");
      log.publish(record);
    }

    assertThat(Files.readString(file))
        .matches("\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z INFO BrokerDaemon: two lines \\[2J\n");
  }

  @Test
  void aLongFileIsPutAside() throws IOException {
    Path file = directory.resolve("peers.log");
    try (RotatingLogHandler log = new RotatingLogHandler(file)) {
      for (int i = 0; i < 2500; i++) {
        log.publish(new LogRecord(Level.WARNING, i + " " + "x".repeat(1000)));
      }
    }

    Path aside = directory.resolve("peers.log.1");
    assertThat(Files.size(file)).isLessThanOrEqualTo(1 << 20);
    assertThat(Files.size(aside)).isLessThanOrEqualTo(1 << 20);
    List<String> lines = Files.readAllLines(file);
    assertThat(lines.get(lines.size() - 1)).contains("2499 xxx");
    assertThat(Files.readAllLines(aside)).isNotEmpty();
  }

  @Test
  void aFileOfTheUsersWithTheNameThatALongOneGetsIsLeftAlone() throws IOException {
    Path file = directory.resolve("peers.log");
    Path users = Files.writeString(directory.resolve("peers.log.1"), "buy milk\n");
    try (RotatingLogHandler log = new RotatingLogHandler(file)) {
      for (int i = 0; i < 1500; i++) {
        log.publish(new LogRecord(Level.WARNING, i + " " + "x".repeat(1000)));
      }
    }

    assertThat(users).hasContent("buy milk\n");
    assertThat(Files.readAllLines(file)).hasSize(1500);
  }

  @Test
  void aFileOfTheUsersIsNotWrittenInto() throws IOException {
    Path file = Files.writeString(directory.resolve("peers.log"), "buy milk\n");
    try (RotatingLogHandler log = new RotatingLogHandler(file)) {
      log.publish(new LogRecord(Level.WARNING, "one line more"));
    }

    assertThat(file).hasContent("buy milk\n");
  }
}
