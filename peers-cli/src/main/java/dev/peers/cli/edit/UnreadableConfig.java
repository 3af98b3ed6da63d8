package dev.peers.cli.edit;

/** An agent's configuration is not what that agent could have written, and is better left alone. */
public final class UnreadableConfig extends Exception {
  private static final long serialVersionUID = 1L;

  public UnreadableConfig(String what) {
    super(what);
  }
}
