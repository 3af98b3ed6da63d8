/**
 * Durable peers and mail in PostgreSQL, for one broker or many, on one machine or many. {@link
 * dev.peers.store.postgres.PostgresStoreProvider} is the way in; the name of the store is {@code
 * postgres}.
 */
@NullMarked
package dev.peers.store.postgres;

import org.jspecify.annotations.NullMarked;
