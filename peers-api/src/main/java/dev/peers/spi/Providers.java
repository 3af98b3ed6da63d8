package dev.peers.spi;

import dev.peers.Arguments;
import dev.peers.ErrorCode;
import dev.peers.PeersException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeMap;

/**
 * The providers of one kind on the class path, by name. A provider that cannot be loaded does not
 * hide the others; it is named when one is asked for that is not there.
 *
 * <p>Immutable and thread-safe.
 *
 * @param <P> the kind of provider
 * @since 0.1
 */
public final class Providers<P extends Provider> {
  private final Class<P> kind;
  private final Map<String, P> byName;
  private final List<String> problems;

  private Providers(Class<P> kind, Map<String, P> byName, List<String> problems) {
    this.kind = kind;
    this.byName = byName;
    this.problems = problems;
  }

  /**
   * Finds the providers of a kind with the thread's context class loader.
   *
   * @param kind such as {@code StoreProvider.class}
   * @param <P> the kind
   * @return what is there
   */
  public static <P extends Provider> Providers<P> of(Class<P> kind) {
    Arguments.required("kind", kind);
    ClassLoader context = Thread.currentThread().getContextClassLoader();
    return of(kind, context != null ? context : kind.getClassLoader());
  }

  /**
   * Finds the providers of a kind.
   *
   * @param kind such as {@code StoreProvider.class}
   * @param loader where to look
   * @param <P> the kind
   * @return what is there
   */
  public static <P extends Provider> Providers<P> of(Class<P> kind, ClassLoader loader) {
    Arguments.required("kind", kind);
    Arguments.required("loader", loader);
    Map<String, P> byName = new TreeMap<>();
    List<String> problems = new ArrayList<>();
    Iterator<P> found = ServiceLoader.load(kind, loader).iterator();
    while (true) {
      try {
        if (!found.hasNext()) {
          break;
        }
        P provider = found.next();
        P twin = byName.putIfAbsent(provider.name(), provider);
        if (twin != null && twin.getClass() != provider.getClass()) {
          problems.add(
              provider.getClass().getName()
                  + " is passed over, "
                  + twin.getClass().getName()
                  + " has the name '"
                  + provider.name()
                  + "' already");
        }
      } catch (ServiceConfigurationError | RuntimeException | LinkageError e) {
        // The iterator stands behind the broken entry; the next round goes on from there.
        problems.add(told(e));
      }
    }
    return new Providers<>(kind, Map.copyOf(byName), List.copyOf(problems));
  }

  /**
   * Selects one.
   *
   * @param name its name
   * @return the provider
   * @throws PeersException {@link ErrorCode#PROVIDER_UNAVAILABLE} that tells which names there are,
   *     and what could not be loaded
   */
  public P named(String name) {
    P provider = byName.get(Arguments.required("name", name));
    if (provider == null) {
      throw new PeersException(ErrorCode.PROVIDER_UNAVAILABLE, missing(name));
    }
    return provider;
  }

  /**
   * All that could be loaded.
   *
   * @return in the order of their names
   */
  public List<P> all() {
    return new TreeMap<>(byName).values().stream().toList();
  }

  /**
   * What could not be loaded, and why.
   *
   * @return a sentence for each
   */
  public List<String> problems() {
    return problems;
  }

  /** With what lies underneath: the loader's own words name the class, and not what is wrong. */
  private static String told(Throwable problem) {
    Throwable cause = problem.getCause();
    return cause == null ? problem.toString() : problem.getMessage() + ": " + cause;
  }

  private String missing(String name) {
    StringBuilder text = new StringBuilder();
    text.append("there is no ").append(kind.getSimpleName()).append(" named '").append(name);
    text.append("'; available: ");
    text.append(byName.isEmpty() ? "none" : String.join(", ", new TreeMap<>(byName).keySet()));
    text.append(". Add a jar with META-INF/services/").append(kind.getName());
    text.append(" to the class path, or choose an available name");
    if (!problems.isEmpty()) {
      text.append(". Not loaded: ").append(String.join("; ", problems));
    }
    return text.toString();
  }
}
