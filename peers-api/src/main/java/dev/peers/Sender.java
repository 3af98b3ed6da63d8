package dev.peers;

import org.jspecify.annotations.Nullable;

/**
 * Who sent a message, as the sender was when it sent: it may be gone, or busy with something else,
 * by the time the message is read.
 *
 * @param id the sender
 * @param name the sender's name or project; never blank
 * @param project the sender's repository or directory name
 * @param cwd where the sender worked
 * @param summary what the sender was doing; null if nobody said
 * @since 0.1
 */
public record Sender(PeerId id, String name, String project, String cwd, @Nullable String summary) {
  /** Checks that the required parts are there. */
  public Sender {
    Checks.required("id", id);
    Checks.required("name", name);
    Checks.required("project", project);
    Checks.required("cwd", cwd);
  }

  /**
   * A peer as it is now.
   *
   * @param peer who sends
   * @return the sender
   */
  public static Sender of(Peer peer) {
    Summary summary = Arguments.required("peer", peer).summary();
    return new Sender(
        peer.id(),
        peer.displayName(),
        peer.workspace().project(),
        peer.workspace().cwd(),
        summary == null ? null : summary.text());
  }
}
