package dev.peers;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The checks of arguments that hold at every public entry point of Peers. Those who implement one
 * of its interfaces make them too, before they do anything else: the contracts of {@code peers-tck}
 * ask for it.
 *
 * @since 0.1
 */
public final class Arguments {
  private Arguments() {}

  /**
   * Refuses null.
   *
   * @param name what the value is, for the message
   * @param value the value
   * @param <T> its type
   * @return the value
   * @throws PeersException {@link ErrorCode#INVALID_ARGUMENT} if it is null
   */
  public static <T> T required(String name, @Nullable T value) {
    if (value == null || name == null) {
      throw Checks.invalid(name + " is missing: it is null, and must not be");
    }
    return value;
  }

  /**
   * Copies a collection and refuses null, in its place or in it.
   *
   * @param name what the collection is, for the message
   * @param values the collection
   * @param <T> the type of its elements
   * @return an immutable copy in the same order
   * @throws PeersException {@link ErrorCode#INVALID_ARGUMENT} if it is null, or has a null in it
   */
  public static <T> List<T> requiredAll(String name, @Nullable Collection<? extends T> values) {
    Collection<? extends T> given = required(required("name", name), values);
    for (T value : given) {
      if (value == null) {
        throw Checks.invalid(name + " has an element that is null; leave it out");
      }
    }
    return List.copyOf(given);
  }

  /**
   * How long to wait, in nanoseconds. Nothing is too long: what does not fit is as long as fits,
   * 146 years, so that the end of the wait can be reckoned with {@link System#nanoTime()}.
   *
   * @param name what the duration is, for the message
   * @param duration a time to wait; zero or less is none
   * @return 0 or more
   * @throws PeersException {@link ErrorCode#INVALID_ARGUMENT} if it is null
   */
  public static long waitingNanos(String name, @Nullable Duration duration) {
    Duration given = required(required("name", name), duration);
    long longest = Long.MAX_VALUE / 2;
    if (given.isNegative()) {
      return 0;
    }
    return given.compareTo(Duration.ofNanos(longest)) > 0 ? longest : given.toNanos();
  }
}
