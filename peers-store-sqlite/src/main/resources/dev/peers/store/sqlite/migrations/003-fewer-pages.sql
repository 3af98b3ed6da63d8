-- A send waits for the disk, and each index is one more page to write. So it writes the row, its place in the
-- mailbox and its place among what its sender has sent; what is asked of the delivered alone is written with the
-- delivery. What has expired is found in the mailboxes.
DROP INDEX messages_due;
DROP INDEX messages_received;
-- With its mailbox, what one peer has received, newest first.
CREATE INDEX messages_received ON messages (to_id, id, state) WHERE state >= 2;

-- A lease changes the row alone. state: 0 undelivered, 2 delivered, 3 expired; its lease tells whether it is offered.
UPDATE messages INDEXED BY messages_mailbox SET state = 0 WHERE state < 2 AND state = 1;

-- One row: no message gets this id or a lower one, though there may be no message left that has it. Until now
-- AUTOINCREMENT saw to that, with a page of its own for each send. It has no part in what the table looks like on the
-- disk, so only its declaration is changed, as https://www.sqlite.org/lang_altertable.html#otheralter says.
CREATE TABLE purged (up_to INTEGER NOT NULL);
INSERT INTO purged SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'messages';
DELETE FROM sqlite_sequence WHERE name = 'messages';
PRAGMA writable_schema = ON;
UPDATE sqlite_master SET sql = replace(sql, ' AUTOINCREMENT', '') WHERE type = 'table' AND name = 'messages';
PRAGMA writable_schema = OFF;
