package dev.peers.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Why a broker failed, as its log tells. */
class StartedBrokerTest {
  @TempDir Path directory;
  private Path log;

  @BeforeEach
  void begin() throws IOException {
    log = directory.resolve("peers.log");
    Files.writeString(log, "2026-11-29T10:00:00.000Z SEVERE DetachedBroker: of the one before\n");
  }

  @Test
  void isTheLastLineThatItHasWrittenAsItEnded() throws IOException {
    StartedBroker broker = broker();
    write("2026-11-29T10:00:01.000Z INFO BrokerDaemon: Peers serves\n");
    write("2026-11-29T10:00:02.000Z SEVERE DetachedBroker: the port is taken\n");
    write("    java.net.BindException\n\tat somewhere\n");

    assertThat(broker.failure()).isEqualTo("the port is taken");
  }

  @Test
  void isWhatTheJvmOrTheShellSaidInItsPlace() throws IOException {
    StartedBroker broker = broker();
    write("Error: Could not find or load main class dev.peers.cli.Main\n");

    assertThat(broker.failure()).startsWith("Error: Could not find or load main class");
  }

  @Test
  void isNothingForOneThatWasKilled() throws IOException {
    StartedBroker broker = broker();
    assertThat(broker.failure()).isNull();
    write("2026-11-29T10:00:01.000Z INFO BrokerDaemon: Peers serves\n");
    assertThat(broker.failure()).isNull();
    write("#\n# A fatal error has been detected by the Java Runtime Environment:\n#\n");
    assertThat(broker.failure()).isNull();
  }

  @Test
  void isFoundInALogThatWasBegunAnew() throws IOException {
    StartedBroker broker = broker();
    Files.writeString(log, "2026-11-29T10:00:02.000Z SEVERE DetachedBroker: full\n");

    assertThat(broker.failure()).isEqualTo("full");
  }

  @Test
  void aLogThatTellsOfFailedStartsAloneIsRemoved() throws IOException {
    String first = SideFiles.firstLine();
    String failure = "2026-11-29T10:00:02.000Z SEVERE DetachedBroker: not a database\n";
    String trace = "    java.io.IOException\n";
    String before = "2026-11-29T10:00:01.000Z INFO BrokerDaemon: Peers serves\n";
    for (String more : new String[] {failure + trace, before + failure}) {
      Files.writeString(log, first + more);
      broker().withdrawLog();
      assertThat(log).hasContent(first + more);
    }
    Files.writeString(log, first + failure + failure);
    broker().withdrawLog();
    assertThat(log).doesNotExist();
  }

  @Test
  void aProcessThatIsNotThereHasEndedAndIsNotStopped() {
    // Beyond what systems give to processes.
    BrokerProcess none = new BrokerProcess(999_999_999);
    assertThat(none.hasEnded()).isTrue();
    assertThat(none.stopped()).isNull();
    assertThat(new BrokerProcess(ProcessHandle.current().pid()).hasEnded()).isFalse();
    assertThat(BrokerProcess.of("{\"pid\":4711,\"address\":\"x\"}").pid()).isEqualTo(4711);
    assertThat(BrokerProcess.of("").stopped()).isNull();
  }

  private StartedBroker broker() throws IOException {
    return new StartedBroker(new BrokerProcess(0), log, Files.size(log));
  }

  private void write(String text) throws IOException {
    Files.writeString(log, text, StandardOpenOption.APPEND);
  }
}
