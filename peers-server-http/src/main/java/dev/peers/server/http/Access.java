package dev.peers.server.http;

import dev.peers.PeerId;
import dev.peers.transport.http.wire.JsonFields;
import org.jspecify.annotations.Nullable;

/**
 * Who may ask for something, and as which peer. Each but {@link #OPEN} includes {@link #TOKEN};
 * each after that takes the key of the peer, too, which the token alone does not give.
 */
enum Access {
  /** Every program of this host, without a token; it may have the broker prove that it knows it. */
  OPEN {
    @Override
    @Nullable PeerId actor(JsonFields body) {
      return null;
    }
  },

  /** Who has the token. */
  TOKEN {
    @Override
    @Nullable PeerId actor(JsonFields body) {
      return null;
    }
  },

  /** The peer in the field {@code id}. */
  PEER {
    @Override
    PeerId actor(JsonFields body) {
      return new PeerId(body.text("id"));
    }
  },

  /** The peer in the field {@code from_id}. */
  SENDER {
    @Override
    PeerId actor(JsonFields body) {
      // The original's command line sends as "cli", which has no mailbox; the operator has one.
      String from = body.text("from_id");
      return from.equals("cli") ? PeerId.OPERATOR : new PeerId(from);
    }
  },

  /** The operator, whatever the fields say. */
  OPERATOR {
    @Override
    PeerId actor(JsonFields body) {
      return PeerId.OPERATOR;
    }
  };

  /** The peer that a request acts as, whose key it must have; null for none. */
  abstract @Nullable PeerId actor(JsonFields body);
}
