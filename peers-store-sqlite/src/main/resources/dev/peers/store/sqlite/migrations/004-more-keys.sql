-- What a peer answers to besides the key in its row, in the order in which it was added.
CREATE TABLE peer_keys (
  session_key      TEXT NOT NULL PRIMARY KEY,
  peer_id          TEXT NOT NULL
);
CREATE INDEX peer_keys_of ON peer_keys (peer_id);
