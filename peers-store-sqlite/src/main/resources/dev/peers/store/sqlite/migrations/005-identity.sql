-- "Peer", by which the file is known to be ours, https://www.sqlite.org/fileformat2.html#application_id.
PRAGMA application_id = 1348822386;

-- One row: of which database the ids of messages are.
CREATE TABLE store (identity TEXT NOT NULL);
INSERT INTO store VALUES (lower(hex(randomblob(6))));
