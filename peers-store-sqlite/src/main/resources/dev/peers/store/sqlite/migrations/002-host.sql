-- The machine of a peer; null for the broker's own.
ALTER TABLE peers ADD COLUMN host TEXT;
