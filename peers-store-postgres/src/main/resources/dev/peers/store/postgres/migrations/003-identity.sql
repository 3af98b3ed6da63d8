-- One row: of which database the ids of messages are. Whoever brings a backup back gives it another one (see
-- docs/postgres.md), as ids that were given since are then given again.
CREATE TABLE store (identity text NOT NULL);
INSERT INTO store VALUES (substr(replace(gen_random_uuid()::text, '-', ''), 1, 12));

-- By the rights of whoever made the schema: a user of the tables need not have any to them or to sequences.
CREATE FUNCTION store_identity() RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
  SELECT identity FROM store
$$;

-- The largest id that was ever given, or one of a send that was only repeated.
CREATE FUNCTION last_id() RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
  SELECT coalesce(pg_sequence_last_value(pg_get_serial_sequence('messages', 'id')::regclass), 0)
$$;
