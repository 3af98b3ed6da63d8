package dev.peers.tck;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * What must hold for any input of a parser. Run as a test it takes the seeds and some mutations of
 * them, the same in every run; {@code -Dpeers.fuzz.seed} chooses others. Implementers annotate
 * {@link #holds} for a fuzzer, which goes on from the same seeds for as long as it may. What is
 * tested is first touched in there, not in a field: the fuzzer's agent would come too late for it.
 *
 * @since 0.1
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public interface FuzzContract {
  /**
   * Inputs to start from: what is usual, and what has failed before.
   *
   * @return at least one
   */
  Stream<byte[]> seeds();

  /**
   * Checks what must hold for any input.
   *
   * @param input any bytes
   * @throws Exception if it does not hold
   */
  void holds(byte[] input) throws Exception;

  /**
   * How many mutations the test tries.
   *
   * @return few where one takes long
   */
  default int mutations() {
    return 1_000;
  }

  /** Tries the seeds, then mutations of them. */
  @Test
  default void holdsForItsSeedsAndMutationsOfThem() {
    List<byte[]> seeds = seeds().toList();
    seeds.forEach(seed -> attempt(seed, "a seed"));
    long number = Long.getLong("peers.fuzz.seed", 1);
    Mutator mutator = new Mutator(new Random(number), seeds);
    for (int i = 0; i < mutations(); i++) {
      attempt(mutator.next(), "mutation " + i + " of -Dpeers.fuzz.seed=" + number);
    }
  }

  private void attempt(byte[] input, String what) {
    try {
      holds(input);
    } catch (Exception | AssertionError | StackOverflowError e) {
      throw new AssertionError(what + " fails: " + Mutator.shown(input) + "\n" + e, e);
    }
  }

  /**
   * Seeds from texts.
   *
   * @param texts seeds, each of which becomes its UTF-8 bytes
   * @return the seeds
   */
  static Stream<byte[]> texts(String... texts) {
    return Stream.of(texts).map(text -> text.getBytes(StandardCharsets.UTF_8));
  }
}
