package dev.peers.server.http;

import dev.peers.transport.http.linkage.Library;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The class path as a program has it that uses other versions of the libraries: some classes are
 * missing, some are other ones. The interfaces of Peers are those of the test.
 */
final class HostLoader extends URLClassLoader {
  private final Set<String> hidden = new HashSet<>();
  private final Map<String, byte[]> replaced = new HashMap<>();

  HostLoader(Path... first) {
    super(
        Stream.concat(
                Stream.of(first),
                Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                    .map(Path::of))
            .map(HostLoader::url)
            .toArray(URL[]::new),
        HostLoader.class.getClassLoader());
  }

  HostLoader without(String className) {
    hidden.add(className);
    return this;
  }

  /** Has another class of this name in place of the one on the class path. */
  HostLoader with(String className, byte[] classFile) {
    replaced.put(className, classFile);
    return this;
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    synchronized (getClassLoadingLock(name)) {
      if (hidden.contains(name)) {
        throw new ClassNotFoundException(name);
      }
      boolean own =
          name.startsWith("dev.peers.transport.http.")
              || name.startsWith("dev.peers.server.http.")
              || Library.of(name).isPresent();
      if (!own) {
        return super.loadClass(name, resolve);
      }
      Class<?> loaded = findLoadedClass(name);
      if (loaded != null) {
        return loaded;
      }
      byte[] other = replaced.get(name);
      return other == null ? findClass(name) : defineClass(name, other, 0, other.length);
    }
  }

  @Override
  public InputStream getResourceAsStream(String name) {
    byte[] other = replaced.get(name.replaceAll("\\.class$", "").replace('/', '.'));
    try {
      URL found = findResource(name);
      return other != null
          ? new ByteArrayInputStream(other)
          : found == null ? super.getResourceAsStream(name) : found.openStream();
    } catch (IOException e) {
      return null;
    }
  }

  private static URL url(Path path) {
    try {
      return path.toUri().toURL();
    } catch (MalformedURLException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
