package dev.peers.cli.shell;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.peers.UntrustedText;
import dev.peers.tck.FuzzContract;
import java.nio.charset.Charset;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** What others wrote cannot steer a terminal. */
class CommandIoFuzzTest implements FuzzContract {
  @Override
  public int mutations() {
    return 500;
  }

  @Override
  public Stream<byte[]> seeds() {
    return FuzzContract.texts(
        "plain", "\u001b]0;title\u0007", "a\r\n\tb\u009b31m", "\u202eabc\u2066", "\ud83d\ude00");
  }

  @Override
  @MethodSource("seeds")
  @FuzzTest
  public void holds(byte[] input) {
    for (Charset charset : new Charset[] {UTF_8, ISO_8859_1, UTF_16BE}) {
      String text = new String(input, charset);
      String lines = UntrustedText.lines(text);
      assertThat(lines).doesNotContainPattern("[\\p{Cc}&&[^\n\t]]");
      assertThat(UntrustedText.lines(lines)).isEqualTo(lines);
      assertThat(UntrustedText.line(text))
          .doesNotContainPattern("[\\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]");
    }
  }
}
