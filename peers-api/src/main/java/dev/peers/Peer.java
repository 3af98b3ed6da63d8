package dev.peers;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One agent session, or JVM program, as the broker knows it.
 *
 * @param id its stable id
 * @param workspace where it works
 * @param name its name, unique among active peers; null for none
 * @param process its process; null if unknown
 * @param agent the program it runs in; null if unknown
 * @param tty its terminal; null if unknown
 * @param summary what it is doing; null if nobody said
 * @param route the best way by which mail reaches it; null if it did not say
 * @param presence whether it is there
 * @param listening whether it is told of mail as it arrives; false where it must look for itself
 * @param registeredAt when it first joined
 * @param lastSeen when the broker last heard of it
 * @since 0.1
 */
public record Peer(
    PeerId id,
    Workspace workspace,
    @Nullable String name,
    @Nullable ProcessRef process,
    @Nullable String agent,
    @Nullable String tty,
    @Nullable Summary summary,
    @Nullable Route route,
    Presence presence,
    boolean listening,
    Instant registeredAt,
    Instant lastSeen) {
  /** The most characters a name can have. */
  public static final int MAX_NAME_LENGTH = 40;

  /** Checks that the required parts are there. */
  public Peer {
    Checks.required("id", id);
    Checks.required("workspace", workspace);
    Checks.oneLineOrNull("name", name, MAX_NAME_LENGTH);
    Checks.required("presence", presence);
    Checks.required("registeredAt", registeredAt);
    Checks.required("lastSeen", lastSeen);
  }

  /**
   * Starts a peer that is active and has just joined.
   *
   * @param id its id
   * @param workspace where it works
   * @param now the time of its registration
   * @return a builder with nothing else set
   */
  public static Builder builder(PeerId id, Workspace workspace, Instant now) {
    return new Builder(id, workspace, now);
  }

  /**
   * A builder that starts from this peer.
   *
   * @return a builder that would build an equal one
   */
  public Builder toBuilder() {
    Builder builder = new Builder(id, workspace, registeredAt);
    builder.name = name;
    builder.process = process;
    builder.agent = agent;
    builder.tty = tty;
    builder.summary = summary;
    builder.route = route;
    builder.presence = presence;
    builder.listening = listening;
    builder.lastSeen = lastSeen;
    return builder;
  }

  /**
   * What people call it: its name, or its project.
   *
   * @return never blank
   */
  public String displayName() {
    return name != null ? name : workspace.project();
  }

  /** Builds peers; not thread-safe. */
  public static final class Builder {
    private final PeerId id;
    private final Instant registeredAt;
    private Workspace workspace;
    private @Nullable String name;
    private @Nullable ProcessRef process;
    private @Nullable String agent;
    private @Nullable String tty;
    private @Nullable Summary summary;
    private @Nullable Route route;
    private Presence presence = Presence.ACTIVE;
    private boolean listening;
    private Instant lastSeen;

    private Builder(PeerId id, Workspace workspace, Instant registeredAt) {
      this.id = Arguments.required("id", id);
      this.workspace = Arguments.required("workspace", workspace);
      this.registeredAt = Arguments.required("registeredAt", registeredAt);
      this.lastSeen = registeredAt;
    }

    /**
     * Sets where it works.
     *
     * @param workspace the place
     * @return this
     */
    public Builder workspace(Workspace workspace) {
      this.workspace = Arguments.required("workspace", workspace);
      return this;
    }

    /**
     * Sets the name.
     *
     * @param name a name, or null
     * @return this
     */
    public Builder name(@Nullable String name) {
      this.name = name;
      return this;
    }

    /**
     * Sets the process.
     *
     * @param process a process, or null
     * @return this
     */
    public Builder process(@Nullable ProcessRef process) {
      this.process = process;
      return this;
    }

    /**
     * Sets the program.
     *
     * @param agent a program's name, or null
     * @return this
     */
    public Builder agent(@Nullable String agent) {
      this.agent = agent;
      return this;
    }

    /**
     * Sets the terminal.
     *
     * @param tty a terminal, or null
     * @return this
     */
    public Builder tty(@Nullable String tty) {
      this.tty = tty;
      return this;
    }

    /**
     * Sets the summary.
     *
     * @param summary a summary, or null
     * @return this
     */
    public Builder summary(@Nullable Summary summary) {
      this.summary = summary;
      return this;
    }

    /**
     * Sets how mail reaches it.
     *
     * @param route the best of its ways, or null
     * @return this
     */
    public Builder route(@Nullable Route route) {
      this.route = route;
      return this;
    }

    /**
     * Sets whether it is there.
     *
     * @param presence active or away
     * @return this
     */
    public Builder presence(Presence presence) {
      this.presence = Arguments.required("presence", presence);
      return this;
    }

    /**
     * Sets whether it is told of mail as it arrives.
     *
     * @param listening true if something waits for its mail
     * @return this
     */
    public Builder listening(boolean listening) {
      this.listening = listening;
      return this;
    }

    /**
     * Sets when it was last heard of.
     *
     * @param lastSeen an instant
     * @return this
     */
    public Builder lastSeen(Instant lastSeen) {
      this.lastSeen = Arguments.required("lastSeen", lastSeen);
      return this;
    }

    /**
     * Builds it.
     *
     * @return the peer
     */
    public Peer build() {
      return new Peer(
          id,
          workspace,
          name,
          process,
          agent,
          tty,
          summary,
          route,
          presence,
          listening,
          registeredAt,
          lastSeen);
    }
  }
}
