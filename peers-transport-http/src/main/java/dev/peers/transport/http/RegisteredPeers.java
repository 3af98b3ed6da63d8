package dev.peers.transport.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.peers.ErrorCode;
import dev.peers.PeerId;
import dev.peers.PeersException;
import dev.peers.Registration;
import dev.peers.RegistrationResult;
import dev.peers.transport.http.wire.JsonFields;
import dev.peers.transport.http.wire.PeerJson;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The peers that registered through one connection, each with the key that it got. A request in the
 * name of a peer is made here, and nowhere else, so that no other peer can be acted as.
 *
 * <p>Keys end with the token of the broker ({@code peers token rotate}), and the broker may be
 * replaced by one with another secret. So what a peer registered with is kept, and it is registered
 * again, once for each refusal, when its key is refused. Thread-safe.
 */
final class RegisteredPeers {
  private final HttpCalls calls;
  private final Map<PeerId, Member> members = new ConcurrentHashMap<>();

  /** With what a peer registered last, and the key that it got for it. */
  private record Member(Registration registration, String key) {}

  RegisteredPeers(HttpCalls calls) {
    this.calls = calls;
  }

  /** Registers a peer, or one that is known again, and keeps the key that it got last. */
  RegistrationResult register(Registration registration) {
    JsonFields answer = new JsonFields(calls.post("/register", null, PeerJson.write(registration)));
    RegistrationResult result =
        new RegistrationResult(new PeerId(answer.text("id")), answer.filledOrNull("name"));
    members.put(result.id(), new Member(registration, key(answer)));
    return result;
  }

  /** Goes into a header, which takes no other characters. */
  private String key(JsonFields answer) {
    String key = answer.text("key");
    if (key.isEmpty() || !key.chars().allMatch(c -> c > ' ' && c <= '~')) {
      throw new PeersException(
          ErrorCode.UNAVAILABLE,
          "what answers at "
              + calls.address()
              + " is not a Peers broker: it gave a key that is not valid");
    }
    return key;
  }

  /** Asks as a peer. A key that has ended with a token is replaced, once, by registering again. */
  JsonNode post(String path, PeerId actor, ObjectNode body) {
    Member member = member(actor);
    try {
      return calls.post(path, member.key, body);
    } catch (PeersException e) {
      // The broker checks keys before it does anything, so a repeated request is no second one.
      if (e.code() != ErrorCode.UNAUTHORIZED || !renew(actor, member, e)) {
        throw e;
      }
      return calls.post(path, member(actor).key, body);
    }
  }

  /** Whether a peer has another key than it had. A peer that became another one has not. */
  private boolean renew(PeerId id, Member former, PeersException reason) {
    Member present = member(id);
    if (!present.key.equals(former.key)) {
      // Another thread was refused as well, and has registered it meanwhile.
      return true;
    }
    try {
      return register(present.registration).id().equals(id) && !member(id).key.equals(former.key);
    } catch (PeersException e) {
      reason.addSuppressed(e);
      return false;
    }
  }

  private Member member(PeerId id) {
    calls.requireOpen();
    Member member = members.get(id);
    if (member == null) {
      throw new PeersException(
          ErrorCode.UNKNOWN_PEER, "peer '" + id + "' has not registered through this connection");
    }
    return member;
  }

  /** The key of a peer as a listener uses it, which outlives many a key. */
  EventStreamClient.Key keyOf(PeerId id) {
    return new Key(id);
  }

  private final class Key implements EventStreamClient.Key {
    private final PeerId id;

    Key(PeerId id) {
      this.id = id;
      // Refuses a stranger at once, not on the listener's own thread.
      member(id);
    }

    @Override
    public String get() {
      return member(id).key;
    }

    @Override
    public void refused(String key) {
      Member member = member(id);
      if (member.key.equals(key)) {
        register(member.registration);
      }
    }
  }
}
