/**
 * What every store and every broker must do, as tests to inherit, and what is needed to test
 * against Peers without the passing of real time.
 *
 * <p>To check a store, implement {@link dev.peers.tck.StoreContract} in a test class; to check a
 * broker, {@link dev.peers.tck.BrokerContract}.
 *
 * @since 0.1
 */
@NullMarked
package dev.peers.tck;

import org.jspecify.annotations.NullMarked;
