package dev.peers;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a registration yields: who the session is from now on.
 *
 * @param id the peer's id, the same for the same session key
 * @param name the name as granted, a suffix added where another live peer has it; null if none
 * @since 0.1
 */
public record RegistrationResult(PeerId id, @Nullable String name) {
  /** Checks that there is an id. */
  public RegistrationResult {
    Checks.required("id", id);
  }

  /**
   * The granted name.
   *
   * @return the name, or empty for a peer without one
   */
  public Optional<String> grantedName() {
    return Optional.ofNullable(name);
  }
}
