package dev.peers;

import org.jspecify.annotations.Nullable;

/**
 * What a session tells the broker when it joins.
 *
 * @param sessionKey what makes it the same peer again
 * @param workspace where it works
 * @param name a name it would like, at most 40 characters; null for none
 * @param process the session's process; null if unknown
 * @param parent the process that started it, as an agent starts its server; null if unknown. Of two
 *     processes with one session key and one parent the newer is the session
 * @param agent the program it runs in, such as {@code claude-code}; null if unknown
 * @param tty the terminal, such as {@code pts/3}; null if unknown
 * @param summary a first, automatic summary; null for none
 * @param route the best way by which mail reaches it; null if unknown
 * @param instance tells sessions apart that share a session key, so that each leaves for itself: a
 *     random UUID, say, at most 80 characters, the same whenever this session registers. Null if it
 *     is the only one; all that name none count as one
 * @since 0.1
 */
public record Registration(
    SessionKey sessionKey,
    Workspace workspace,
    @Nullable String name,
    @Nullable ProcessRef process,
    @Nullable ProcessRef parent,
    @Nullable String agent,
    @Nullable String tty,
    @Nullable String summary,
    @Nullable Route route,
    @Nullable String instance) {

  /** Checks lengths and forms. */
  public Registration {
    Checks.required("session key", sessionKey);
    Checks.required("workspace", workspace);
    Checks.oneLineOrNull("name", name, Peer.MAX_NAME_LENGTH);
    Checks.oneLineOrNull("agent", agent, 80);
    Checks.oneLineOrNull("tty", tty, 80);
    Checks.oneLineOrNull("instance", instance, 80);
    if (summary != null) {
      summary = summary.isBlank() ? null : Checks.bounded("summary", summary, Summary.MAX_BYTES);
    }
  }

  /**
   * Starts a registration.
   *
   * @param sessionKey what makes the session the same peer again
   * @param workspace where it works
   * @return a builder with nothing else set
   */
  public static Builder builder(SessionKey sessionKey, Workspace workspace) {
    return new Builder(sessionKey, workspace);
  }

  /**
   * A builder that starts from this registration.
   *
   * @return a builder that would build an equal one
   */
  public Builder toBuilder() {
    return new Builder(sessionKey, workspace)
        .name(name)
        .process(process)
        .parent(parent)
        .agent(agent)
        .tty(tty)
        .summary(summary)
        .route(route)
        .instance(instance);
  }

  /** Builds registrations; not thread-safe. */
  public static final class Builder {
    private SessionKey sessionKey;
    private Workspace workspace;
    private @Nullable String name;
    private @Nullable ProcessRef process;
    private @Nullable ProcessRef parent;
    private @Nullable String agent;
    private @Nullable String tty;
    private @Nullable String summary;
    private @Nullable Route route;
    private @Nullable String instance;

    private Builder(SessionKey sessionKey, Workspace workspace) {
      this.sessionKey = Arguments.required("session key", sessionKey);
      this.workspace = Arguments.required("workspace", workspace);
    }

    /**
     * Replaces the key.
     *
     * @param sessionKey what makes the session the same peer again
     * @return this
     */
    public Builder sessionKey(SessionKey sessionKey) {
      this.sessionKey = Arguments.required("session key", sessionKey);
      return this;
    }

    /**
     * Replaces the workspace.
     *
     * @param workspace where the session works
     * @return this
     */
    public Builder workspace(Workspace workspace) {
      this.workspace = Arguments.required("workspace", workspace);
      return this;
    }

    /**
     * Asks for a name.
     *
     * @param name at most 40 characters, or null
     * @return this
     */
    public Builder name(@Nullable String name) {
      this.name = name;
      return this;
    }

    /**
     * Tells the session's process.
     *
     * @param process the process, or null
     * @return this
     */
    public Builder process(@Nullable ProcessRef process) {
      this.process = process;
      return this;
    }

    /**
     * Tells which process started the session's.
     *
     * @param parent the process, or null
     * @return this
     */
    public Builder parent(@Nullable ProcessRef parent) {
      this.parent = parent;
      return this;
    }

    /**
     * Tells the program.
     *
     * @param agent such as {@code claude-code}, or null
     * @return this
     */
    public Builder agent(@Nullable String agent) {
      this.agent = agent;
      return this;
    }

    /**
     * Tells the terminal.
     *
     * @param tty such as {@code pts/3}, or null
     * @return this
     */
    public Builder tty(@Nullable String tty) {
      this.tty = tty;
      return this;
    }

    /**
     * Gives a first summary.
     *
     * @param summary one or two sentences, or null
     * @return this
     */
    public Builder summary(@Nullable String summary) {
      this.summary = summary;
      return this;
    }

    /**
     * Tells how mail reaches the session.
     *
     * @param route the best of its ways, or null
     * @return this
     */
    public Builder route(@Nullable Route route) {
      this.route = route;
      return this;
    }

    /**
     * Tells this session from others with the same key.
     *
     * @param instance at most 80 characters, or null
     * @return this
     */
    public Builder instance(@Nullable String instance) {
      this.instance = instance;
      return this;
    }

    /**
     * Builds it.
     *
     * @return the registration
     * @throws PeersException {@link ErrorCode#INVALID_ARGUMENT} if a value breaks a rule
     */
    public Registration build() {
      return new Registration(
          sessionKey, workspace, name, process, parent, agent, tty, summary, route, instance);
    }
  }
}
