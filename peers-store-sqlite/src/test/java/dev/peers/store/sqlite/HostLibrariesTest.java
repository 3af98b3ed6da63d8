package dev.peers.store.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peers.ErrorCode;
import dev.peers.MessageId;
import dev.peers.PeersException;
import dev.peers.spi.BrokerStore;
import dev.peers.spi.Providers;
import dev.peers.spi.StoreConfig;
import dev.peers.spi.StoreProvider;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** In a program whose build has left out, or replaced, what the store is built on. */
class HostLibrariesTest {
  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"org.sqlite.JDBC", "org.sqlite.core.NativeDB", "org.jdbi.v3.core.Jdbi"})
  void aStoreThatCannotRunSaysWhatIsMissingAndWhatIsNeeded(String missing) throws IOException {
    try (Host host = new Host(missing)) {
      StoreProvider stores =
          Providers.of(StoreProvider.class, host).all().stream()
              .filter(one -> one.getClass().getClassLoader() == host)
              .findFirst()
              .orElseThrow();
      StoreConfig config = StoreConfig.at(directory.resolve("mail.db"));

      assertThatThrownBy(
              () -> {
                try (BrokerStore store = stores.open(config)) {
                  // Jdbi is set up when it is needed first.
                  store.receipt(new MessageId(1), Instant.EPOCH);
                }
              })
          .isInstanceOfSatisfying(
              PeersException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.PROVIDER_UNAVAILABLE))
          .hasMessageContainingAll(
              missing.replace('.', '/'), "sqlite-jdbc 3.41 or newer", "Jdbi 3.49 or newer");
    }
  }

  /** The class path of such a program. */
  private static final class Host extends URLClassLoader {
    private final String missing;

    Host(String missing) throws IOException {
      super(urls(), HostLibrariesTest.class.getClassLoader());
      this.missing = missing;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      synchronized (getClassLoadingLock(name)) {
        if (name.equals(missing)) {
          throw new ClassNotFoundException(name);
        }
        if (!name.startsWith("dev.peers.store.sqlite.")
            && !name.startsWith("org.sqlite.")
            && !name.startsWith("org.jdbi.")) {
          return super.loadClass(name, resolve);
        }
        Class<?> loaded = findLoadedClass(name);
        return loaded != null ? loaded : findClass(name);
      }
    }

    private static URL[] urls() throws IOException {
      List<URL> urls = new ArrayList<>();
      for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
        urls.add(Path.of(entry).toUri().toURL());
      }
      return urls.toArray(URL[]::new);
    }
  }
}
