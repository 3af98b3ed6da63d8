package dev.peers;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The one exception of Peers. Its message is written for the person or agent that must act on it:
 * what happened, the value in question, what was expected, and the next step.
 */
public class PeersException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;

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
    super(message, cause);
    this.code = Objects.requireNonNull(code, "code");
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
}
