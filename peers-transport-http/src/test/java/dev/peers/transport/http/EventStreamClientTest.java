package dev.peers.transport.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peers.PeerId;
import dev.peers.spi.ClientConfig;
import java.io.EOFException;
import java.net.URI;
import java.util.concurrent.atomic.AtomicInteger;
import okio.Buffer;
import org.junit.jupiter.api.Test;

class EventStreamClientTest {
  private final AtomicInteger looks = new AtomicInteger();

  @Test
  void looksOnceWithEachConnectionAndOnceForWhatComes() {
    assertThat(looksAt("")).isEqualTo(1);
    assertThat(looksAt(":\n\n:\n\n:\n\n:\n\n")).isEqualTo(1);
    assertThat(looksAt("id: 7\nevent: message\ndata: {}\n\n")).isEqualTo(2);
  }

  private int looksAt(String stream) {
    looks.set(0);
    HttpCalls calls = new HttpCalls(new ClientConfig(URI.create("http://127.0.0.1:1"), null));
    try (calls) {
      EventStreamClient listener =
          new EventStreamClient(calls, new PeerId("eel-k3f9"), () -> "key", looks::incrementAndGet);
      assertThatThrownBy(() -> listener.listen(new Buffer().writeUtf8(stream)))
          .isInstanceOf(EOFException.class);
    }
    return looks.get();
  }
}
