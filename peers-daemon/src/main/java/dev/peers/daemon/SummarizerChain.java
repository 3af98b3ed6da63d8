package dev.peers.daemon;

import dev.peers.ErrorCode;
import dev.peers.PeersException;
import dev.peers.spi.Summarizer;
import dev.peers.spi.SummarizerProvider;
import dev.peers.spi.WorkContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The summarizers in use: where one fails or has nothing to say, the next is asked. */
final class SummarizerChain implements Summarizer {
  static final String AUTO = "auto";
  static final String OFF = "off";

  private static final System.Logger LOG = System.getLogger(SummarizerChain.class.getName());

  /** The one that is always there, and so comes last. */
  private static final String LAST = "git";

  private final List<Summarizer> chain;

  /** Asks these, in this order; they are closed with it. */
  SummarizerChain(List<Summarizer> chain) {
    this.chain = List.copyOf(chain);
  }

  /**
   * Makes those that the settings ask for.
   *
   * @return null if they ask for none
   * @throws Config.InvalidSetting if a summarizer is named that is not there
   */
  static @Nullable SummarizerChain of(Config config, Plugins plugins) {
    if (config.summarizer().equals(OFF)) {
      return null;
    }
    Map<String, String> settings = config.environment();
    List<Summarizer> chain = new ArrayList<>();
    for (SummarizerProvider provider : chosen(config.summarizer(), plugins, settings)) {
      try {
        chain.add(
            Plugins.call(
                provider, ErrorCode.PROVIDER_UNAVAILABLE, () -> provider.create(settings)));
      } catch (PeersException e) {
        notUsed(provider, e);
      }
    }
    return new SummarizerChain(chain);
  }

  /**
   * Refuses a setting that names a summarizer that is not there.
   *
   * @throws Config.InvalidSetting with those that are
   */
  static void requireKnown(Config config, Plugins plugins) {
    String name = config.summarizer();
    if (!name.equals(AUTO) && !name.equals(OFF)) {
      named(name, plugins);
    }
  }

  private static List<SummarizerProvider> chosen(
      String name, Plugins plugins, Map<String, String> settings) {
    if (name.equals(AUTO)) {
      // No stream that sorts: a broker does this as it starts, and nothing else there needs one.
      List<SummarizerProvider> first = new ArrayList<>();
      List<SummarizerProvider> last = new ArrayList<>();
      for (SummarizerProvider provider : plugins.providers(SummarizerProvider.class).all()) {
        if (isAvailable(provider, settings)) {
          (provider.name().equals(LAST) ? last : first).add(provider);
        }
      }
      first.addAll(last);
      return first;
    }
    SummarizerProvider first = named(name, plugins);
    return name.equals(LAST) ? List.of(first) : List.of(first, named(LAST, plugins));
  }

  private static SummarizerProvider named(String name, Plugins plugins) {
    return plugins.named(SummarizerProvider.class, "CLAUDE_PEERS_SUMMARIZER", name, AUTO, OFF);
  }

  private static boolean isAvailable(SummarizerProvider provider, Map<String, String> settings) {
    try {
      return Plugins.call(
          provider, ErrorCode.PROVIDER_UNAVAILABLE, () -> provider.available(settings));
    } catch (PeersException e) {
      notUsed(provider, e);
      return false;
    }
  }

  private static void notUsed(SummarizerProvider provider, PeersException e) {
    LOG.log(
        System.Logger.Level.WARNING,
        "the summarizer ''{0}'' is not used: {1}",
        provider.name(),
        e.getMessage());
  }

  @Override
  public Optional<String> summarize(WorkContext context) {
    for (Summarizer summarizer : chain) {
      try {
        Optional<String> text = summarizer.summarize(context);
        if (text.isPresent()) {
          return text;
        }
      } catch (RuntimeException | LinkageError e) {
        LOG.log(System.Logger.Level.DEBUG, "a summarizer failed: {0}", e.getMessage());
      }
    }
    return Optional.empty();
  }

  @Override
  public void close() {
    chain.forEach(Summarizer::close);
  }
}
