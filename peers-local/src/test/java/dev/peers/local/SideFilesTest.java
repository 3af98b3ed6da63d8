package dev.peers.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SideFilesTest {
  private static final String TEXT = "buy milk\n2026-11-29T10:00:00 INFO is no line of a log\n";

  @TempDir Path directory;
  private BrokerFiles files;

  @BeforeEach
  void name() {
    files = BrokerFiles.local(Map.of("CLAUDE_PEERS_DB", directory.resolve("notes.db").toString()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"log", "log.1", "sock"})
  void aFileOfTheUsersIsRefusedByName(String kind) throws IOException {
    Path file = Files.writeString(files.database().resolveSibling("notes." + kind), TEXT);

    assertThatThrownBy(() -> SideFiles.requireOurs(files))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(file + " is not a ")
        .hasMessageContaining("left as it is. Move it away");
  }

  @Test
  void aLockFileIsTheUsersUnlessItIsEmptyOrHasACard() throws IOException {
    Files.writeString(files.lock(), TEXT);
    assertThatThrownBy(() -> BrokerLock.running(files.lock()))
        .hasMessageStartingWith(files.lock() + " is not a lock file of Peers");
    assertThatThrownBy(() -> BrokerLock.starting(files.lock())).hasMessageContaining("Move it");
    assertThat(files.lock()).hasContent(TEXT);

    for (String own : new String[] {"\0\0\0", "{\"pid\":17,\"addr"}) {
      Files.writeString(files.lock(), own);
      assertThat(BrokerLock.isRunning(files.lock())).isFalse();
      assertThat(files.lock()).hasContent(own);
    }
  }

  @Test
  void aLockFileThatNoBrokerHasUsedIsRemoved() throws IOException {
    assertThat(BrokerLock.isRunning(files.lock())).isFalse();
    assertThat(files.lock()).doesNotExist();
    try (BrokerLock starting = BrokerLock.starting(files.lock())) {
      assertThat(starting.isInPlace()).isTrue();
      assertThat(BrokerLock.isRunning(files.lock())).isFalse();
    }
    assertThat(files.lock()).doesNotExist();

    try (BrokerLock running = BrokerLock.running(files.lock())) {
      running.channel().write(ByteBuffer.wrap("{\"pid\":17}\n".getBytes(StandardCharsets.UTF_8)));
    }
    assertThat(files.lock()).hasContent("{\"pid\":17}\n");
  }

  @Test
  void whatABrokerHasLeftIsTaken() throws IOException {
    Files.writeString(
        files.log(),
        "Picked up JAVA_TOOL_OPTIONS: -Xint\n2026-11-29T10:00:00.123Z SEVERE BrokerDaemon: no\n");
    Files.writeString(SideFiles.former(files.log()), SideFiles.firstLine());
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(files.socket()));
    }

    assertThatCode(() -> SideFiles.requireOurs(files)).doesNotThrowAnyException();
  }
}
