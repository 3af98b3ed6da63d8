/**
 * Durable peers and mail in one SQLite file, through Jdbi. {@link
 * dev.peers.store.sqlite.SqliteStoreProvider} is the way in; the name of the store is {@code
 * sqlite}.
 *
 * @since 0.1
 */
@NullMarked
package dev.peers.store.sqlite;

import org.jspecify.annotations.NullMarked;
