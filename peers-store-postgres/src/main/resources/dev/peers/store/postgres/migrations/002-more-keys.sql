-- What a peer answers to besides its session key, in the order in which it was added.
ALTER TABLE peers ADD COLUMN other_keys text[] COLLATE "C" NOT NULL DEFAULT '{}';
CREATE INDEX peers_other_keys ON peers USING gin (other_keys);
