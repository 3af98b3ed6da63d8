package dev.peers.daemon;

import dev.peers.ErrorCode;
import dev.peers.PeersException;
import dev.peers.local.IoReason;
import dev.peers.spi.Provider;
import dev.peers.spi.Providers;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/** Stores, transports and summarizers: those that come with Peers, and those of further jars. */
public final class Plugins implements AutoCloseable {
  private final ClassLoader loader;
  private final @Nullable URLClassLoader own;

  private Plugins(ClassLoader loader, @Nullable URLClassLoader own) {
    this.loader = loader;
    this.own = own;
  }

  /**
   * Opens jars.
   *
   * @param jars in the order in which a class path would name them
   * @throws Config.InvalidSetting that names a path that is not one of a jar
   */
  public static Plugins of(List<Path> jars) {
    ClassLoader shipped = Plugins.class.getClassLoader();
    if (jars.isEmpty()) {
      return new Plugins(shipped, null);
    }
    URLClassLoader own =
        new URLClassLoader(
            "peers-plugins", jars.stream().map(Plugins::address).toArray(URL[]::new), shipped);
    return new Plugins(own, own);
  }

  public <P extends Provider> Providers<P> providers(Class<P> kind) {
    return Providers.of(kind, loader);
  }

  /**
   * The provider that a setting names.
   *
   * @param kind such as {@code StoreProvider.class}
   * @param variable the setting
   * @param name its value
   * @param otherValues what the setting may be besides the names of providers
   * @throws Config.InvalidSetting if there is none of that name, with those that there are
   */
  public <P extends Provider> P named(
      Class<P> kind, String variable, String name, String... otherValues) {
    Providers<P> providers = providers(kind);
    try {
      return providers.named(name);
    } catch (PeersException e) {
      String available =
          Stream.concat(Stream.of(otherValues), providers.all().stream().map(Provider::name))
              .collect(Collectors.joining(", "));
      String broken =
          providers.problems().isEmpty()
              ? ""
              : ". Not loaded: " + String.join("; ", providers.problems());
      throw new Config.InvalidSetting(
          variable
              + " is '"
              + name
              + "'; expected one of: "
              + available
              + ". A jar that has another is named in CLAUDE_PEERS_WITH"
              + broken);
    }
  }

  /**
   * Has a provider do something. It may be anybody's code: what it throws becomes a sentence that
   * names it, and where it happened.
   *
   * @throws PeersException the provider's own, or one with this code
   */
  public static <T> T call(Provider provider, ErrorCode code, Supplier<T> work) {
    try {
      T result = work.get();
      if (result == null) {
        throw new PeersException(code, "the provider '" + provider.name() + "' returned null");
      }
      return result;
    } catch (PeersException e) {
      throw e;
    } catch (RuntimeException | LinkageError e) {
      throw new PeersException(
          code, "the provider '" + provider.name() + "' failed: " + told(e), e);
    }
  }

  private static String told(Throwable problem) {
    return Stream.of(problem.getStackTrace())
        .filter(frame -> !"java.base".equals(frame.getModuleName()))
        .findFirst()
        .map(frame -> problem + ", at " + frame)
        .orElse(problem.toString());
  }

  @Override
  public void close() throws IOException {
    if (own != null) {
      own.close();
    }
  }

  private static URL address(Path jar) {
    if (!Files.exists(jar)) {
      throw unusable(jar, "there is no such file");
    }
    if (!Files.isRegularFile(jar)) {
      throw unusable(jar, "that is not a plain file");
    }
    try {
      // A class loader would pass over it without a word.
      new ZipFile(jar.toFile()).close();
      return jar.toUri().toURL();
    } catch (IOException e) {
      throw unusable(jar, "that file is not one that can be read: " + IoReason.brief(e));
    }
  }

  private static PeersException unusable(Path jar, String problem) {
    return new Config.InvalidSetting(
        "CLAUDE_PEERS_WITH is '"
            + jar
            + "'; expected a jar, but "
            + problem
            + ". The option --with adds to it");
  }
}
