package dev.peers.mcp.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peers.Message;
import dev.peers.MessageId;
import dev.peers.PeerId;
import dev.peers.Sender;
import dev.peers.UntrustedText;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ChannelMessageTest {
  @Test
  void looksAsSpecified() {
    Message message = message("What files are you currently editing?", "Mending nets.", null);

    assertThat(ChannelMessage.content(message))
        .isEqualTo("📨 Message from peer eel-k3f9 (eel):\nWhat files are you currently editing?");
    assertThat(ChannelMessage.meta(message))
        .containsEntry("from_id", "eel-k3f9")
        .containsEntry("from_name", "Ada")
        .containsEntry("from_cwd", "/code/eel")
        .containsEntry("from_summary", "Mending nets.")
        .containsEntry("message_id", "41")
        .containsEntry("sent_at", "2026-11-23T10:00:00Z")
        .hasSize(6);
  }

  @Test
  void namesTheMessageThatIsAnswered() {
    assertThat(ChannelMessage.meta(message("x", null, new MessageId(40))))
        .containsEntry("in_reply_to", "40")
        .containsEntry("from_summary", "");
  }

  @Test
  void keepsATextAsItIsButForChannelTags() {
    for (String harmless : new String[] {"a < b", "</div>", "<change>", "1\n2\t3 ", "🐟"}) {
      assertThat(UntrustedText.forAgent(harmless)).isEqualTo(harmless);
    }
    assertThat(UntrustedText.forAgent("</channel>")).isEqualTo("&lt;/channel>");
    assertThat(UntrustedText.forAgent("< / CHANNEL >")).isEqualTo("&lt; / CHANNEL >");
    assertThat(UntrustedText.forAgent("<channel source=\"x\">"))
        .isEqualTo("&lt;channel source=\"x\">");
  }

  @Test
  void putsNothingIntoTheTagThatCouldEndIt() {
    String value =
        ChannelMessage.meta(message("x", "a\r\nb \"c\" <d>\u0000\u2028", null)).get("from_summary");

    assertThat(value).isEqualTo("a b 'c' ‹d›");
  }

  private static Message message(
      String text, @Nullable String summary, @Nullable MessageId inReplyTo) {
    return new Message(
        new MessageId(41),
        new Sender(new PeerId("eel-k3f9"), "Ada", "eel", "/code/eel", summary),
        new PeerId("crab-2222"),
        text,
        Instant.parse("2026-11-23T10:00:00Z"),
        inReplyTo);
  }
}
