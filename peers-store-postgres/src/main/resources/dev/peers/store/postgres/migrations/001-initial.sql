-- Times are milliseconds since 1970 in UTC. Texts are written as StoredText says. What is compared has the
-- collation "C", which no update of the system's libraries changes.

CREATE TABLE peers (
  id               text COLLATE "C" NOT NULL PRIMARY KEY,
  ordinal          bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  session_key      text COLLATE "C" NOT NULL UNIQUE,
  name             text,
  cwd              text NOT NULL,
  git_root         text,
  git_common_dir   text,
  git_branch       text,
  host             text,
  pid              bigint,
  process_start    bigint,
  agent            text,
  tty              text,
  summary          text,
  summary_source   text,
  summary_at       bigint,
  route            text,
  presence         text NOT NULL,
  listening        boolean NOT NULL,
  broker           text,
  registered_at    bigint NOT NULL,
  last_seen        bigint NOT NULL,
  -- Which call has added it, so that its repetition knows.
  added_by         uuid
);

-- state: 0 undelivered, 1 delivered, 2 expired. What is undelivered is offered while its lease lasts. An offer
-- changes nothing that is in an index.
CREATE TABLE messages (
  id               bigint NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  to_id            text COLLATE "C" NOT NULL,
  from_id          text COLLATE "C" NOT NULL,
  from_name        text NOT NULL,
  from_project     text NOT NULL,
  from_cwd         text NOT NULL,
  from_summary     text,
  text             text NOT NULL,
  chars            integer NOT NULL,
  in_reply_to      bigint,
  idempotency_key  text COLLATE "C" NOT NULL,
  sent_at          bigint NOT NULL,
  expires_at       bigint NOT NULL,
  state            smallint NOT NULL DEFAULT 0,
  attempts         integer NOT NULL DEFAULT 0,
  offered_at       bigint,
  lease_until      bigint NOT NULL DEFAULT 0,
  lease_token      uuid,
  delivered_at     bigint
) WITH (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);

-- What is undelivered in a mailbox: read in order, counted without touching the table.
CREATE INDEX messages_mailbox ON messages (to_id, id) INCLUDE (expires_at) WHERE state = 0;
-- That of all mailboxes. The second condition says nothing new; it keeps the planner from reading a mailbox here.
CREATE INDEX messages_due ON messages (expires_at) WHERE state = 0 AND delivered_at IS NULL;
CREATE INDEX messages_history ON messages (sent_at) WHERE state > 0;
-- What one peer has sent and received, newest first.
CREATE INDEX messages_received ON messages (to_id, id);
CREATE INDEX messages_sent ON messages (from_id, id);
CREATE UNIQUE INDEX messages_once ON messages (from_id, idempotency_key);

-- Who has the store open, by the server's clock.
CREATE TABLE brokers (
  id               text COLLATE "C" NOT NULL PRIMARY KEY,
  until            bigint NOT NULL
);

CREATE VIEW receipts AS
  SELECT id, from_id, to_id, state, sent_at, offered_at, attempts, lease_until, delivered_at, expires_at,
         idempotency_key
  FROM messages;

-- Appends messages in their order, tells of them, and yields a receipt for each of them, in the same order. A
-- message whose key is there already is not written; its receipt is that of the first.
--
-- Ids are drawn under a lock that is released when they are visible, so that they appear in order.
CREATE FUNCTION append(channel text, broker text, to_ids text[], from_ids text[], names text[], projects text[],
                       cwds text[], summaries text[], texts text[], lengths integer[], replies bigint[],
                       keys text[], sent bigint[], expiries bigint[])
RETURNS SETOF receipts LANGUAGE plpgsql AS $$
DECLARE
  mailboxes text[];
  answered integer;
BEGIN
  PERFORM pg_advisory_xact_lock('messages'::regclass::oid::bigint);
  WITH added AS (
    INSERT INTO messages (to_id, from_id, from_name, from_project, from_cwd, from_summary, text, chars,
                          in_reply_to, idempotency_key, sent_at, expires_at)
    SELECT d.to_id, d.from_id, d.name, d.project, d.cwd, d.summary, d.text, d.length, d.reply, d.key, d.sent,
           d.expiry
    FROM unnest(to_ids, from_ids, names, projects, cwds, summaries, texts, lengths, replies, keys, sent, expiries)
      WITH ORDINALITY
      AS d (to_id, from_id, name, project, cwd, summary, text, length, reply, key, sent, expiry, n)
    ORDER BY d.n
    ON CONFLICT (from_id, idempotency_key) DO NOTHING
    RETURNING to_id)
  SELECT array_agg(DISTINCT added.to_id) INTO mailboxes FROM added;
  PERFORM pg_notify(channel, broker || '|m|' || mailbox) FROM unnest(mailboxes) AS mailbox;
  RETURN QUERY
    SELECT r.*
    FROM unnest(from_ids, keys) WITH ORDINALITY AS d (from_id, key, n)
    JOIN receipts r ON r.from_id = d.from_id AND r.idempotency_key = d.key
    ORDER BY d.n;
  GET DIAGNOSTICS answered = ROW_COUNT;
  IF answered <> cardinality(keys) THEN
    RAISE serialization_failure USING MESSAGE = 'a message was purged while it was sent again';
  END IF;
END $$;

-- Whoever changes which messages of a mailbox are undelivered or offered does so alone. Without that, somebody
-- who takes at the same time would have to pass over, or wait behind, messages that are not taken in the end.
CREATE FUNCTION lock_mailbox(mailbox text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(mailbox, 'messages'::regclass::oid::bigint));
END $$;

-- The messages that somebody who takes gets, none of them changed. The first is never too long.
CREATE FUNCTION walk(mailbox text, behind bigint, most integer, most_chars integer, offered text, now_ms bigint)
RETURNS bigint[] LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (
    SELECT coalesce(array_agg(id ORDER BY id), '{}')
    FROM (
      SELECT id, row_number() OVER earlier AS n, sum(chars) OVER earlier AS total,
             bool_or(lease_until > now_ms) OVER earlier AS leased
      FROM (
        SELECT id, chars, lease_until
        FROM messages
        WHERE to_id = mailbox AND state = 0 AND id > behind AND expires_at > now_ms
          AND (offered <> 'SKIPPED' OR lease_until <= now_ms)
        ORDER BY id LIMIT most) AS candidates
      WINDOW earlier AS (ORDER BY id)) AS walked
    WHERE (n = 1 OR total <= most_chars) AND (offered <> 'AWAITED' OR NOT leased));
END $$;

-- How many messages of a mailbox are undelivered, counted up to a number.
CREATE FUNCTION undelivered(mailbox text, behind bigint, most integer, now_ms bigint)
RETURNS integer LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (
    SELECT count(*)
    FROM (
      SELECT FROM messages
      WHERE to_id = mailbox AND state = 0 AND id > behind AND expires_at > now_ms
      ORDER BY id LIMIT most) AS counted);
END $$;

-- Messages, with the number of those that are left. Where there is no message, the number stands alone.
CREATE FUNCTION look(mailbox text, behind bigint, most integer, most_chars integer, countable integer,
                     now_ms bigint)
RETURNS TABLE (remaining integer, message messages) LANGUAGE plpgsql STABLE AS $$
DECLARE
  seen bigint[] := walk(mailbox, behind, most, most_chars, 'INCLUDED', now_ms);
BEGIN
  remaining := undelivered(mailbox, behind, countable + cardinality(seen), now_ms) - cardinality(seen);
  RETURN QUERY SELECT remaining, m FROM messages m WHERE m.id = ANY (seen) ORDER BY m.id;
  IF NOT FOUND THEN
    RETURN NEXT;
  END IF;
END $$;

-- The same, with the messages marked as offered. A take that is repeated because its answer was lost finds what
-- it has taken by its token.
CREATE FUNCTION take(mailbox text, behind bigint, most integer, most_chars integer, countable integer,
                     offered text, now_ms bigint, until_ms bigint, token uuid, repeated boolean)
RETURNS TABLE (remaining integer, message messages) LANGUAGE plpgsql AS $$
DECLARE
  taken bigint[];
BEGIN
  PERFORM lock_mailbox(mailbox);
  IF repeated THEN
    SELECT array_agg(m.id) INTO taken
    FROM messages m WHERE m.to_id = mailbox AND m.state = 0 AND m.lease_token = token;
  END IF;
  IF taken IS NULL THEN
    taken := walk(mailbox, behind, most, most_chars, offered, now_ms);
    IF cardinality(taken) > 0 THEN
      WITH changed AS (
        UPDATE messages m
        SET attempts = m.attempts + 1, offered_at = now_ms, lease_until = until_ms, lease_token = token
        WHERE m.id = ANY (taken) AND m.state = 0
        RETURNING m.id)
      SELECT coalesce(array_agg(changed.id), '{}') INTO taken FROM changed;
    END IF;
  END IF;
  remaining := undelivered(mailbox, behind, countable + cardinality(taken), now_ms) - cardinality(taken);
  RETURN QUERY SELECT remaining, m FROM messages m WHERE m.id = ANY (taken) ORDER BY m.id;
  IF NOT FOUND THEN
    RETURN NEXT;
  END IF;
END $$;

CREATE FUNCTION acknowledge(mailbox text, ids bigint[], now_ms bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM lock_mailbox(mailbox);
  UPDATE messages SET state = 1, delivered_at = now_ms
  WHERE id = ANY (ids) AND to_id = mailbox AND state = 0;
END $$;

-- Keeps a broker among those that are there, yields these, and forgets who has long been gone.
CREATE FUNCTION renew(broker text, lease_ms bigint) RETURNS SETOF brokers LANGUAGE plpgsql AS $$
DECLARE
  now_ms bigint := extract(epoch FROM clock_timestamp()) * 1000;
BEGIN
  INSERT INTO brokers (id, until) VALUES (broker, now_ms + lease_ms)
  ON CONFLICT (id) DO UPDATE SET until = excluded.until;
  DELETE FROM brokers
  WHERE id IN (SELECT id FROM brokers WHERE until < now_ms - 86400000 FOR UPDATE SKIP LOCKED);
  RETURN QUERY SELECT * FROM brokers WHERE until > now_ms;
END $$;
