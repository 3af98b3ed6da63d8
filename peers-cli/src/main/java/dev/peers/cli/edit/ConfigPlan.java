package dev.peers.cli.edit;

import dev.peers.ErrorCode;
import dev.peers.PeersException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * What is about to happen to all files of an agent. If the agent changes a file while its user
 * reads what would change, the changes are computed anew.
 */
public final class ConfigPlan {
  private static final int MAX_ATTEMPTS = 20;

  private final Supplier<List<ConfigChange>> changes;

  /**
   * Makes a plan.
   *
   * @param changes reads the files as they are, and computes what is to change in each
   */
  public ConfigPlan(Supplier<List<ConfigChange>> changes) {
    this.changes = changes;
  }

  /** Whether changes may be made. */
  public interface Consent {
    /**
     * Asks.
     *
     * @param shown what comes and goes in each file
     * @throws IOException if nobody can be asked
     */
    boolean to(List<ConfigChange> shown) throws IOException;
  }

  /** The changes, which can all be made as things are; none has been made. */
  public List<ConfigChange> preview() {
    List<ConfigChange> computed = changes.get();
    ConfigTransaction.check(computed);
    return computed;
  }

  /**
   * Changes all of the files, or none. Consent is asked for once, and once more whenever something
   * else would change than was agreed to.
   *
   * @return what was changed; empty without consent
   * @throws PeersException if a file cannot be changed
   */
  public Optional<List<ConfigChange>> carryOut(Consent consent) throws IOException {
    List<List<String>> agreed = null;
    for (int attempt = 1; ; attempt++) {
      List<ConfigChange> computed = preview();
      List<List<String>> shown = shown(computed);
      if (!shown.equals(agreed) && !consent.to(computed)) {
        return Optional.empty();
      }
      agreed = shown;
      try {
        ConfigTransaction.apply(computed);
        return Optional.of(computed);
      } catch (ChangedMeanwhile e) {
        if (attempt == MAX_ATTEMPTS) {
          throw new PeersException(
              ErrorCode.UNAVAILABLE,
              e.getMessage() + ", " + attempt + " times; end the agent, and try again",
              e);
        }
      }
    }
  }

  private static List<List<String>> shown(List<ConfigChange> changes) {
    return changes.stream()
        .map(change -> Stream.concat(Stream.of(change.action()), change.lines().stream()).toList())
        .toList();
  }
}
