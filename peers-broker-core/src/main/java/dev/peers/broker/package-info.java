/**
 * The broker engine. Start at {@link dev.peers.broker.LocalBroker}: a {@link dev.peers.Broker} that
 * runs in this process over any {@link dev.peers.spi.BrokerStore}.
 *
 * @since 0.1
 */
@NullMarked
package dev.peers.broker;

import org.jspecify.annotations.NullMarked;
