package dev.peers.spi;

import dev.peers.Arguments;
import dev.peers.PeerId;
import java.util.Set;

/**
 * What other brokers have changed in a {@link SharedStore}.
 *
 * @param peers whose entry is new or another one
 * @param mailboxes who has new mail
 * @param incomplete whether changes may have gone unnoticed, as while a connection was lost: then
 *     all is to be looked at
 * @since 0.1
 */
public record StoreChanges(Set<PeerId> peers, Set<PeerId> mailboxes, boolean incomplete) {
  /** Nothing has changed. */
  public static final StoreChanges NONE = new StoreChanges(Set.of(), Set.of(), false);

  /** Anything may have changed. */
  public static final StoreChanges MISSED = new StoreChanges(Set.of(), Set.of(), true);

  /** Copies the sets. */
  public StoreChanges {
    peers = Set.copyOf(Arguments.requiredAll("peers", peers));
    mailboxes = Set.copyOf(Arguments.requiredAll("mailboxes", mailboxes));
  }
}
