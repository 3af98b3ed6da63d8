package dev.peers.mcp;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.peers.PeersException;
import dev.peers.mcp.delivery.ChannelDetection;
import dev.peers.mcp.delivery.SessionReachability;
import dev.peers.mcp.link.Client;
import dev.peers.mcp.link.Hello;
import dev.peers.tck.FuzzContract;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** The first line of a connection. */
class HelloFuzzTest implements FuzzContract {
  private final ObjectMapper mapper = Gateway.mapper();

  @Override
  public Stream<byte[]> seeds() {
    return FuzzContract.texts(
        "{\"peers_hello\":1,\"instance\":\"i\",\"session_key\":\"k\",\"pid\":1,\"ppid\":0,"
            + "\"cwd\":\"/w\",\"resumed\":true,\"pushed\":12,\"inbox\":true,\"env\":{\"CLAUDECODE\":\"1\"}}",
        "{\"peers_hello\":1,\"instance\":\"i\",\"session_key\":\"operator\",\"pid\":1e30,"
            + "\"cwd\":\"/w\\u0000\",\"env\":[]}",
        "");
  }

  @Override
  @MethodSource("seeds")
  @FuzzTest
  public void holds(byte[] input) {
    try {
      Hello hello = Hello.parse(mapper, input);
      assertThat(hello.sessionKey().value()).isNotEqualTo("operator");
      assertThat(hello.cwd()).isNotBlank();
      assertThat(ChannelDetection.of(hello, Client.CLAUDE_CODE)).isNotNull();
      assertThat(
              new RegistrationSource(
                  hello,
                  null,
                  new SessionReachability(ChannelDetection.OFF, hello.inbox(), System::nanoTime),
                  null))
          .isNotNull();
    } catch (PeersException e) {
      assertThat(e.getMessage()).doesNotContain("fasterxml", "java.", "Exception");
    }
  }
}
