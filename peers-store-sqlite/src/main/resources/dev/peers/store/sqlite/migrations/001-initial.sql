-- Times are milliseconds since 1970 in UTC.

CREATE TABLE peers (
  id               TEXT NOT NULL PRIMARY KEY,
  session_key      TEXT NOT NULL UNIQUE,
  name             TEXT,
  cwd              TEXT NOT NULL,
  git_root         TEXT,
  git_common_dir   TEXT,
  git_branch       TEXT,
  pid              INTEGER,
  process_start    INTEGER,
  agent            TEXT,
  tty              TEXT,
  summary          TEXT,
  summary_source   TEXT,
  summary_at       INTEGER,
  registered_at    INTEGER NOT NULL,
  last_seen        INTEGER NOT NULL
);

-- state: 0 queued, 1 offered, 2 delivered, 3 expired. An offer whose lease is over counts as queued.
CREATE TABLE messages (
  id               INTEGER PRIMARY KEY AUTOINCREMENT,
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

-- What is undelivered in a mailbox: read in order, counted without touching the table.
CREATE INDEX messages_mailbox ON messages (to_id, id, expires_at, state) WHERE state < 2;
CREATE INDEX messages_due ON messages (expires_at) WHERE state < 2;
CREATE INDEX messages_history ON messages (sent_at) WHERE state >= 2;
-- What one peer has sent and received, newest first.
CREATE INDEX messages_received ON messages (to_id, id);
CREATE INDEX messages_sent ON messages (from_id, id);
CREATE UNIQUE INDEX messages_once ON messages (from_id, idempotency_key)
  WHERE idempotency_key IS NOT NULL;
