package dev.peers.broker;

import dev.peers.PeerId;
import java.text.Normalizer;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/** Makes ids that people can say: the project's name and four characters that look like nothing. */
final class PeerIds {
  private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz23456789";
  private static final int SUFFIX_LENGTH = 4;
  private static final int MAX_STEM = PeerId.MAX_LENGTH - SUFFIX_LENGTH - 1;

  private final RandomGenerator random;

  PeerIds(RandomGenerator random) {
    this.random = random;
  }

  /** An id that is not taken yet. */
  PeerId next(String project, Predicate<PeerId> taken) {
    String stem = stem(project);
    while (true) {
      StringBuilder id = new StringBuilder(stem).append('-');
      for (int i = 0; i < SUFFIX_LENGTH; i++) {
        id.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
      }
      PeerId candidate = new PeerId(id.toString());
      if (!taken.test(candidate)) {
        return candidate;
      }
    }
  }

  /** The project's name in a-z, 0-9 and single hyphens; "peer" where nothing of it is left. */
  static String stem(String project) {
    String plain = withoutMarks(project).toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    if (plain.length() > MAX_STEM) {
      plain = plain.substring(0, MAX_STEM);
    }
    plain = plain.replaceAll("^-+|-+$", "");
    return plain.isEmpty() ? "peer" : plain;
  }

  /** Most names have none, and the tables for the rest need not be read for them. */
  private static String withoutMarks(String name) {
    return name.chars().allMatch(c -> c < 128)
        ? name
        : Normalizer.normalize(name, Normalizer.Form.NFD).replaceAll("\\p{M}+", "");
  }
}
