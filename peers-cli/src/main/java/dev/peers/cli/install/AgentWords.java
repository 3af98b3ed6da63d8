package dev.peers.cli.install;

import java.util.Iterator;
import java.util.stream.Stream;

/** The agents that can be set up, for completion. */
final class AgentWords implements Iterable<String> {
  @Override
  public Iterator<String> iterator() {
    return Stream.of(Agent.values()).map(Agent::word).iterator();
  }
}
