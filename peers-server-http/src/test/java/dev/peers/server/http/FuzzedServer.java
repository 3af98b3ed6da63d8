package dev.peers.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peers.Message;
import dev.peers.OutgoingMessage;
import dev.peers.PeerId;
import dev.peers.Registration;
import dev.peers.SessionKey;
import dev.peers.Workspace;
import java.util.List;
import java.util.UUID;

/** A served broker with somebody's mail in it, which nobody else may change. */
final class FuzzedServer implements AutoCloseable {
  static final String TOKEN = "token";

  final HttpWorld world = new HttpWorld(TOKEN);
  final PeerId eel = join("/eel");
  final String key = new PeerKeys(() -> TOKEN, HttpWorld.PEER_SECRET).keyOf(eel);
  private final PeerId owl = join("/owl");

  FuzzedServer() {
    world.broker.send(OutgoingMessage.of(eel, owl, "precious"));
  }

  /** The mail that strangers may add to and do nothing else with. */
  List<Message> mail() {
    return world.broker.peek(owl, 0, 1_000).messages();
  }

  /** Checks that nothing is lost and that the next caller is served. */
  void assertUnharmed(List<Message> before) throws Exception {
    assertThat(mail()).startsWith(before.toArray(Message[]::new));
    JsonNode peers =
        HttpWorld.JSON.readTree(
            world
                .send(
                    world
                        .post("/list-peers", "{\"scope\":\"machine\"}")
                        .header("Authorization", "Bearer " + TOKEN))
                .body());
    assertThat(peers.isArray()).as(peers.toString()).isTrue();
  }

  /** A text in which the peers, the keys and the token stand in place of their names. */
  String filled(String text) {
    return text.replace("$EEL", eel.value())
        .replace("$OWL", owl.value())
        .replace("$KEY", key)
        .replace("$TOKEN", TOKEN);
  }

  private PeerId join(String cwd) {
    SessionKey secret = new SessionKey(UUID.randomUUID().toString());
    return world.broker.register(Registration.builder(secret, Workspace.of(cwd)).build()).id();
  }

  @Override
  public void close() {
    world.close();
  }
}
