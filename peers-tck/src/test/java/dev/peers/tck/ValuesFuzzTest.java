package dev.peers.tck;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.peers.ErrorCode;
import dev.peers.MessageId;
import dev.peers.OutgoingMessage;
import dev.peers.PeerId;
import dev.peers.PeersException;
import dev.peers.Registration;
import dev.peers.Scope;
import dev.peers.SessionKey;
import dev.peers.Workspace;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** The records of peers-api, which cannot depend on this module; texts divided by '|'. */
class ValuesFuzzTest implements FuzzContract {
  @Override
  public Stream<byte[]> seeds() {
    return FuzzContract.texts(
        "eel-k3f9|42|machine",
        "operator|+9223372036854775807|repo",
        "/w/|/w/.git|main",
        "C:\\w\\|\\\\|.git",
        "//|.git|..",
        "/w/ |x|/ /.git",
        "/w/\u2028|x",
        " Ada | \u00b7|DIRECTORY ",
        "\u0661|\u0085|\u2028");
  }

  @Override
  @MethodSource("seeds")
  @FuzzTest
  public void holds(byte[] input) {
    Values.hold(input);
  }

  /** Apart, so that the fuzzer's agent is there before what it tests is loaded. */
  private static final class Values {
    static void hold(byte[] input) {
      String[] parts = new String(input, StandardCharsets.UTF_8).split("\\|", 3);
      String one = parts[0];
      String two = parts.length > 1 ? parts[1] : one;
      String three = parts.length > 2 ? parts[2] : null;

      PeerId eel = new PeerId("eel-k3f9");
      PeerId peer = orRefused(() -> new PeerId(one));
      assertThat(peer == null || one.matches("[a-z0-9][a-z0-9-]{0,39}")).isTrue();
      MessageId message = orRefused(() -> MessageId.parse(two));
      assertThat(message == null || MessageId.parse(message.toString()).equals(message)).isTrue();
      OutgoingMessage draft =
          orRefused(() -> new OutgoingMessage(eel, eel, one, message, three, true));
      assertThat(draft == null || draft.idempotent("k").idempotent(three).equals(draft)).isTrue();
      Workspace workspace = orRefused(() -> new Workspace(one, three, null, two));
      if (workspace != null) {
        assertThat(workspace.project()).isNotBlank().doesNotContain("\n");
        assertThat(Scope.repositoryOf(workspace).includes(workspace)).isTrue();
        assertThat(workspace.onBranch("b").onBranch(two)).isEqualTo(workspace);
        Registration registration = orRefused(() -> registration(workspace, three, two));
        if (registration != null) {
          assertThat(registration.toBuilder().build()).isEqualTo(registration);
        }
        Scope scope = orRefused(() -> Scope.named(two, () -> workspace));
        assertThat(scope == null || scope.includes(workspace)).isTrue();
      }
    }

    private static Registration registration(Workspace workspace, String name, String key) {
      return Registration.builder(new SessionKey(key), workspace).name(name).summary(name).build();
    }

    private static <T> T orRefused(Supplier<T> make) {
      try {
        return make.get();
      } catch (PeersException e) {
        assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
        return null;
      }
    }
  }
}
