package dev.peers.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peers.PeersException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenFileTest {
  @TempDir Path directory;

  @Test
  void aTokenIsMadeOnceForItsOwnerAlone() throws IOException {
    Path file = directory.resolve("peers.token");
    assertThat(TokenFile.read(file)).isEmpty();

    String token = TokenFile.readOrMake(file);

    assertThat(token).matches("[A-Za-z0-9_-]{43}");
    assertThat(TokenFile.readOrMake(file)).isEqualTo(token);
    assertThat(TokenFile.read(file)).contains(token);
    assertThat(mode(file)).isEqualTo("rw-------");
    assertThat(TokenFile.readOrMake(directory.resolve("other.token"))).isNotEqualTo(token);
  }

  @Test
  void aTokenThatOthersCouldReadIsReplaced() throws IOException {
    Path file = directory.resolve("peers.token");
    String former = TokenFile.readOrMake(file);
    for (String mode : new String[] {"rw-r--r--", "rw----r--", "rw--w----"}) {
      mode(directory, "rwxr-xr-x");
      mode(file, mode);

      String present = TokenFile.readOrMake(file);

      assertThat(present).as(mode).isNotEqualTo(former);
      assertThat(TokenFile.readOrMake(file)).isEqualTo(present);
      assertThat(mode(file)).isEqualTo("rw-------");
      former = present;
    }
  }

  @Test
  void aTokenThatOthersCouldNotGetAtStaysAndTheyLoseTheirAccess() throws IOException {
    Path file = directory.resolve("peers.token");
    String token = TokenFile.readOrMake(file);
    mode(directory, "rwx------");
    mode(file, "rw-r--r--");

    assertThat(TokenFile.readOrMake(file)).isEqualTo(token);
    assertThat(mode(file)).isEqualTo("rw-------");
  }

  @Test
  void aFileWithSomethingElseIsNeverTakenForAToken() throws IOException {
    Path file = directory.resolve("peers.token");
    for (String content : new String[] {"short", "x".repeat(5000), "a b".repeat(20)}) {
      Files.writeString(file, content);

      assertThatThrownBy(() -> TokenFile.readOrMake(file))
          .isInstanceOf(PeersException.class)
          .hasMessageContaining(file + " holds no token; move it away");
      assertThat(file).hasContent(content);
    }
  }

  private static void mode(Path file, String mode) throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
  }

  private static String mode(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  @Test
  void aFileOfTheUsersBesideItIsLeftAlone() throws IOException {
    Path users = Files.writeString(directory.resolve("peers.token.new"), "buy milk\n");

    assertThatThrownBy(() -> TokenFile.readOrMake(directory.resolve("peers.token")))
        .hasMessageContaining(users + " holds no token; move it away");
    assertThat(users).hasContent("buy milk\n");
  }
}
