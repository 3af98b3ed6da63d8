package dev.peers;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The one exception of Peers. Its message is written for the person or agent that must act on it:
 * what happened, the value in question, what was expected, and the next step.
 *
 * @since 0.1
 */
public class PeersException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;
  private final @Nullable Duration retryAfter;

  /**
   * Makes an exception without a cause.
   *
   * @param code why it failed
   * @param message what happened and what to do about it
   */
  public PeersException(ErrorCode code, String message) {
    this(code, message, null);
  }

  /**
   * Makes an exception.
   *
   * @param code why it failed
   * @param message what happened and what to do about it
   * @param cause what was thrown underneath, if anything
   */
  public PeersException(ErrorCode code, String message, @Nullable Throwable cause) {
    this(code, message, cause, null);
  }

  private PeersException(
      ErrorCode code, String message, @Nullable Throwable cause, @Nullable Duration retryAfter) {
    super(message, cause);
    this.code = Arguments.required("code", code);
    this.retryAfter = retryAfter;
  }

  /**
   * Makes an exception for what will be possible later.
   *
   * @param code why it failed
   * @param message what happened and what to do about it
   * @param retryAfter how long to wait before it is tried again
   * @return the exception
   */
  public static PeersException retryLater(ErrorCode code, String message, Duration retryAfter) {
    return new PeersException(code, message, null, retryAfter);
  }

  /** Never null, unlike that of other exceptions. */
  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }

  /**
   * Why it failed.
   *
   * @return the code
   */
  public ErrorCode code() {
    return code;
  }

  /**
   * When to try again.
   *
   * @return how long to wait; empty if waiting alone does not help, or nobody knows
   */
  public Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }
}
