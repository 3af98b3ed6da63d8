package dev.peers.cli;

import dev.peers.ErrorCode;
import dev.peers.PeersException;
import dev.peers.spi.Provider;
import dev.peers.spi.Providers;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/** Stores, transports and summarizers: those that come with Peers, and those of further jars. */
final class Plugins implements AutoCloseable {
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
   * @throws PeersException {@link ErrorCode#PROVIDER_UNAVAILABLE} that names the one that is none
   */
  static Plugins of(List<Path> jars) {
    ClassLoader shipped = Plugins.class.getClassLoader();
    if (jars.isEmpty()) {
      return new Plugins(shipped, null);
    }
    URLClassLoader own =
        new URLClassLoader(
            "peers-plugins", jars.stream().map(Plugins::address).toArray(URL[]::new), shipped);
    return new Plugins(own, own);
  }

  <P extends Provider> Providers<P> providers(Class<P> kind) {
    return Providers.of(kind, loader);
  }

  @Override
  public void close() throws IOException {
    if (own != null) {
      own.close();
    }
  }

  private static URL address(Path jar) {
    try {
      // A class loader would pass over it without a word.
      new ZipFile(jar.toFile()).close();
      return jar.toUri().toURL();
    } catch (IOException e) {
      throw new PeersException(
          ErrorCode.PROVIDER_UNAVAILABLE,
          "'"
              + jar
              + "' is no jar that can be read ("
              + e.getMessage()
              + "); correct --with or CLAUDE_PEERS_WITH",
          e);
    }
  }
}
