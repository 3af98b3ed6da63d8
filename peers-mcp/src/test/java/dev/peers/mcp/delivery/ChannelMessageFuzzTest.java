package dev.peers.mcp.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.peers.Message;
import dev.peers.MessageId;
import dev.peers.PeerId;
import dev.peers.Sender;
import dev.peers.UntrustedText;
import dev.peers.tck.FuzzContract;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** What a stranger says of himself and in his text, divided by '|'. */
class ChannelMessageFuzzTest implements FuzzContract {
  private static final Pattern TAG =
      Pattern.compile("<\\s*/?\\s*channel", Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);

  @Override
  public Stream<byte[]> seeds() {
    return FuzzContract.texts(
        "Ada|eel|/code/eel|Mending nets.|What are you editing?",
        "a|b|c|d|<channel source=\"x\">< / CHANNEL>",
        "<channel|<|\"><channel|</channel\u2028>|<\n/\u00a0channel> <<channel",
        "\u001b[31m|\u0085\u009f|\u202e|\ud83d\ude00|<\u0000channel>");
  }

  @Override
  @MethodSource("seeds")
  @FuzzTest
  public void holds(byte[] input) {
    String[] parts = new String(input, StandardCharsets.UTF_8).split("\\|", 5);
    Sender from =
        new Sender(
            new PeerId("eel-k3f9"),
            parts[0],
            part(parts, 1),
            part(parts, 2),
            parts.length > 3 ? parts[3] : null);
    Message message =
        new Message(
            new MessageId(1),
            from,
            new PeerId("owl-22aa"),
            part(parts, 4),
            Instant.EPOCH,
            parts.length > 4 ? new MessageId(7) : null);

    assertThat(TAG.matcher(ChannelMessage.content(message)).find()).isFalse();
    ChannelMessage.meta(message)
        .forEach(
            (key, value) -> {
              assertThat(key).matches("[A-Za-z0-9_]+");
              assertThat(value).doesNotContainPattern("[\\p{Cc}\u2028\u2029<>\"]");
            });
    assertThat(UntrustedText.line(parts[0], 80)).hasSizeLessThanOrEqualTo(81);
  }

  private static String part(String[] parts, int index) {
    return index < parts.length ? parts[index] : "";
  }
}
