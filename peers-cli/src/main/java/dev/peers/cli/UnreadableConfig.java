package dev.peers.cli;

/** An agent's configuration is not what that agent could have written, and is better left alone. */
final class UnreadableConfig extends Exception {
  private static final long serialVersionUID = 1L;

  UnreadableConfig(String what) {
    super(what);
  }
}
