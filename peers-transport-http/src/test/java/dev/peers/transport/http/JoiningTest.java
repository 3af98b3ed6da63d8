package dev.peers.transport.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peers.Broker;
import dev.peers.ErrorCode;
import dev.peers.PeersException;
import dev.peers.spi.ClientConfig;
import dev.peers.spi.Providers;
import dev.peers.spi.ServerProvider;
import dev.peers.spi.TransportProvider;
import java.net.URI;
import org.junit.jupiter.api.Test;

/** A program that joins a broker, and serves none: its class path is that of this module. */
class JoiningTest {
  @Test
  void bringsNoServer() {
    assertThatThrownBy(() -> Class.forName("org.eclipse.jetty.server.Server"))
        .isInstanceOf(ClassNotFoundException.class);
    assertThat(System.getProperty("java.class.path")).doesNotContainIgnoringCase("jetty");
  }

  @Test
  void saysThatNothingServes() {
    assertThatThrownBy(() -> Providers.of(ServerProvider.class).named("http"))
        .isInstanceOf(PeersException.class)
        .hasMessageContaining("there is no ServerProvider named 'http'; available: none");
  }

  @Test
  void connectsWithWhatIsThere() {
    ClientConfig nowhere = new ClientConfig(URI.create("http://127.0.0.1:1"), "secret");

    try (Broker broker = Providers.of(TransportProvider.class).named("http").connect(nowhere)) {
      assertThatThrownBy(broker::status)
          .isInstanceOfSatisfying(
              PeersException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE))
          .hasMessageContaining("no broker answers");
    }
  }
}
