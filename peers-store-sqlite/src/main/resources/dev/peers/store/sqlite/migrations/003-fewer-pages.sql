-- A send waits for the disk, and each index is one more page to write. So it writes the row, its place in the
-- mailbox and its place among what its sender has sent; what is asked of the delivered alone is written with the
-- delivery, and a lease changes the row alone.
--
-- state: 0 undelivered, 2 delivered, 3 expired. Whether it is offered is told by its lease.
CREATE TABLE messages_anew (
  id               INTEGER PRIMARY KEY,
  to_id            TEXT NOT NULL,
  from_id          TEXT NOT NULL,
  from_name        TEXT NOT NULL,
  from_project     TEXT NOT NULL,
  from_cwd         TEXT NOT NULL,
  from_summary     TEXT,
  text             TEXT NOT NULL,
  in_reply_to      INTEGER,
  idempotency_key  TEXT,
  sent_at          INTEGER NOT NULL,
  expires_at       INTEGER NOT NULL,
  state            INTEGER NOT NULL DEFAULT 0,
  attempts         INTEGER NOT NULL DEFAULT 0,
  offered_at       INTEGER,
  lease_until      INTEGER NOT NULL DEFAULT 0,
  delivered_at     INTEGER
);

INSERT INTO messages_anew (id, to_id, from_id, from_name, from_project, from_cwd, from_summary, text, in_reply_to,
                           idempotency_key, sent_at, expires_at, state, attempts, offered_at, lease_until,
                           delivered_at)
  SELECT id, to_id, from_id, from_name, from_project, from_cwd, from_summary, text, in_reply_to,
         idempotency_key, sent_at, expires_at, iif(state = 1, 0, state), attempts, offered_at, lease_until,
         delivered_at
  FROM messages ORDER BY id;

-- One row: no message gets this id or a lower one, though there may be no message left that has it.
CREATE TABLE purged (up_to INTEGER NOT NULL);
INSERT INTO purged SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'messages';

DROP TABLE messages;
ALTER TABLE messages_anew RENAME TO messages;

-- What is undelivered in a mailbox: read in order, counted without touching the table.
CREATE INDEX messages_mailbox ON messages (to_id, id, expires_at, state) WHERE state < 2;
CREATE INDEX messages_history ON messages (sent_at) WHERE state >= 2;
-- What one peer has sent and, with its mailbox, received; newest first.
CREATE INDEX messages_sent ON messages (from_id, id);
CREATE INDEX messages_received ON messages (to_id, id) WHERE state >= 2;
CREATE UNIQUE INDEX messages_once ON messages (from_id, idempotency_key)
  WHERE idempotency_key IS NOT NULL;
