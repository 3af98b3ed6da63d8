package dev.peers.transport.http.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.databind.JsonNode;
import dev.peers.Batch;
import dev.peers.ErrorCode;
import dev.peers.HistoryEntry;
import dev.peers.Peer;
import dev.peers.PeersException;
import dev.peers.Receipt;
import dev.peers.Registration;
import dev.peers.SessionKey;
import dev.peers.tck.FuzzContract;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever JSON comes is refused, or read; what was read can be written and read again. */
class WireJsonFuzzTest implements FuzzContract {
  private static final String MESSAGE =
      "\"id\":7,\"from_id\":\"eel-k3f9\",\"to_id\":\"owl-22aa\",\"text\":\"x\",\"sent_at\":"
          + "\"2026-01-02T03:04:05.678Z\",\"from_name\":\"n\",\"from_project\":\"p\","
          + "\"from_cwd\":\"/w\",\"from_summary\":null,\"in_reply_to\":3,\"attempt\":1";
  private static final String RECEIPT =
      "\"state\":\"queued\",\"offered_at\":null,\"attempts\":2,\"delivered_at\":"
          + "\"2026-01-02T03:04:05Z\",\"expires_at\":\"+999999999-12-31T23:59:59Z\"";
  private static final String PEER =
      "{\"id\":\"eel-k3f9\",\"pid\":1,\"process_start\":\"1970-01-01T00:00:00Z\",\"cwd\":\"/w\","
          + "\"git_root\":\"\",\"git_common_dir\":\"/w/.git\",\"git_branch\":\"main\","
          + "\"name\":\"n\",\"agent\":\"a\",\"tty\":\"pts/3\",\"summary\":\"s\","
          + "\"summary_source\":\"manual\",\"summary_at\":\"2026-01-02T03:04:05Z\","
          + "\"presence\":\"away\",\"listening\":true,"
          + "\"registered_at\":\"2026-01-02T03:04:05Z\",\"last_seen\":\"2026-01-02T03:04:05Z\"}";

  @Override
  public Stream<byte[]> seeds() {
    return FuzzContract.texts(
        "{\"messages\":[{" + MESSAGE + "}],\"remaining\":1}",
        "{" + MESSAGE + "," + RECEIPT + "}",
        PEER,
        "{\"a\":[[[1e400,-0.0,\"\\ud83d\\ude00\"]]]}",
        "{\"id\":1,\"from_id\":\"a\",\"to_id\":\"b\",\"state\":\"lost\"}",
        "{} {}",
        "{\"a\":[",
        "\0\0\ufeff{}",
        "[".repeat(40),
        "9".repeat(1_100),
        "null",
        "");
  }

  @Override
  @MethodSource("seeds")
  @FuzzTest
  public void holds(byte[] input) {
    RoundTrips.hold(input);
  }

  /** Apart, so that the fuzzer's agent is there before what it tests is loaded. */
  private static final class RoundTrips {
    static void hold(byte[] input) {
      SessionKey key = new SessionKey("k");
      JsonFields json;
      try {
        json = WireCodec.readObject(input);
      } catch (PeersException e) {
        assertRefused(e);
        return;
      }
      Batch batch = orRefused(MessageJson::readBatch, json);
      if (batch != null) {
        assertThat(MessageJson.readBatch(again(MessageJson.write(batch)))).isEqualTo(batch);
      }
      HistoryEntry entry = orRefused(MessageJson::readEntry, json);
      if (entry != null) {
        assertThat(MessageJson.readEntry(again(MessageJson.write(entry)))).isEqualTo(entry);
      }
      Receipt receipt = orRefused(MessageJson::readReceipt, json);
      if (receipt != null) {
        assertThat(MessageJson.readReceipt(again(MessageJson.write(receipt)))).isEqualTo(receipt);
      }
      Peer peer = orRefused(PeerJson::read, json);
      if (peer != null) {
        assertThat(PeerJson.read(again(PeerJson.write(peer)))).isEqualTo(peer);
      }
      Registration registration = orRefused(read -> PeerJson.readRegistration(read, key), json);
      if (registration != null) {
        assertThat(PeerJson.readRegistration(again(PeerJson.write(registration)), key))
            .isEqualTo(registration);
      }
    }

    private static JsonFields again(JsonNode json) {
      return WireCodec.readObject(WireCodec.write(json));
    }

    private static <T> T orRefused(Function<JsonFields, T> read, JsonFields json) {
      try {
        return read.apply(json);
      } catch (PeersException e) {
        assertRefused(e);
        return null;
      }
    }

    private static void assertRefused(PeersException e) {
      assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
      assertThat(e.getMessage())
          .doesNotContain(
              "fasterxml", "java.", "Exception", "StreamRead", "DeserializationFeature");
    }
  }
}
