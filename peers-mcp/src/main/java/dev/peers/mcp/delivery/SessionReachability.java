package dev.peers.mcp.delivery;

import dev.peers.Route;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** By which ways mail reaches one session, as far as it is known. Thread-safe. */
public final class SessionReachability {
  /** Within this time the prompt of a push reaches an agent that can be pushed to. */
  private static final long SETTLE_NANOS = Duration.ofSeconds(3).toNanos();

  private final ChannelDetection channel;
  private final LongSupplier ticker;
  private final Object lock = new Object();
  // Guarded by lock.
  private boolean inbox;
  // Guarded by lock.
  private final Set<Route> seen = EnumSet.noneOf(Route.class);
  private boolean working;
  private long workedAt;
  private boolean pushed;
  private long pushedAt;
  private boolean pushesAreSeen;

  /**
   * Begins with what is known of a session from its start.
   *
   * @param ticker nanoseconds
   */
  public SessionReachability(ChannelDetection channel, boolean inbox, LongSupplier ticker) {
    this.channel = channel;
    this.inbox = inbox;
    this.ticker = ticker;
  }

  /** The way by which mail is pushed; null for none. */
  public @Nullable Route push() {
    if (channel == ChannelDetection.ON) {
      return Route.CHANNEL;
    }
    synchronized (lock) {
      return inbox ? Route.INBOX : channel == ChannelDetection.UNKNOWN ? Route.CHANNEL : null;
    }
  }

  /** How long a push waits for a sign of being read before other routes deliver its message. */
  public Duration grace() {
    return push() == Route.CHANNEL && channel == ChannelDetection.UNKNOWN
        ? Duration.ofSeconds(10)
        : Duration.ofMinutes(10);
  }

  /** A message has been pushed through the channel. */
  public void pushed() {
    synchronized (lock) {
      pushed = true;
      pushedAt = ticker.getAsLong();
    }
  }

  /** The agent has answered what it can know from a push alone. */
  public void pushIsSeen() {
    synchronized (lock) {
      pushesAreSeen = true;
    }
  }

  /**
   * Whether a hook hands over what was pushed. A channel that was asked for need not be there, and
   * nobody says so; a hook that calls is there. The inbox says if it is not.
   *
   * @param begins whether the hook precedes a turn, which may be the one that a push has begun
   */
  public boolean hooksTakePushed(boolean begins) {
    if (push() != Route.CHANNEL) {
      return false;
    }
    synchronized (lock) {
      return !pushesAreSeen && !(begins && pushed && ticker.getAsLong() - pushedAt < SETTLE_NANOS);
    }
  }

  /** Nobody takes what is posted to the session's inbox. */
  public void inboxFailed() {
    synchronized (lock) {
      inbox = false;
    }
  }

  /** One of them was seen at work. */
  public void seen(Route route) {
    synchronized (lock) {
      seen.add(route);
    }
  }

  /** A hook has told whether the agent is at work, or has ended its turn. */
  public void atWork(boolean now) {
    synchronized (lock) {
      working = now;
      workedAt = ticker.getAsLong();
    }
  }

  /** How long before this moment, in nanoseconds, a hook told last that the agent is at work. */
  public Optional<Duration> sinceWork(long now) {
    synchronized (lock) {
      return working ? Optional.of(Duration.ofNanos(now - workedAt)) : Optional.empty();
    }
  }

  /** The best one that can be relied on. */
  public Route best() {
    if (channel == ChannelDetection.ON) {
      return Route.CHANNEL;
    }
    synchronized (lock) {
      return inbox ? Route.INBOX : seen.contains(Route.HOOK) ? Route.HOOK : Route.PIGGYBACK;
    }
  }

  /** The same for a person or an agent. */
  public String sentence() {
    return switch (best()) {
      case CHANNEL -> "Messages are pushed to you through the channel as they arrive.";
      case INBOX -> "Messages are posted to this session's inbox as they arrive.";
      case HOOK ->
          "Messages reach you through your program's hooks while you work"
              + (channel == ChannelDetection.UNKNOWN
                  ? ", and at once if this session was started with the channel."
                  : ".");
      case PIGGYBACK, PULL ->
          channel == ChannelDetection.UNKNOWN
              ? "Messages are pushed through the channel, which shows only if this session was"
                  + " started with it; what stays unseen comes with the next result of these"
                  + " tools, so call check_messages now and then to be sure."
              : "Messages are not pushed to you; they come with the next result of these tools, so"
                  + " call check_messages now and then.";
    };
  }
}
