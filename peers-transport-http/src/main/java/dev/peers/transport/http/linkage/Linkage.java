package dev.peers.transport.http.linkage;

import dev.peers.BuildInfo;
import dev.peers.ErrorCode;
import dev.peers.PeersException;
import dev.peers.transport.http.linkage.ClassReferences.Member;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Whether the libraries that are here have what Peers was compiled against. Their versions are
 * chosen by the program that Peers is a part of, often by a framework that manages them. Left to
 * the JVM, what is missing shows where it is used first, which may be within a request.
 */
public final class Linkage {
  /** How many of the missing things a message names. */
  private static final int NAMED = 3;

  /** The roots whose libraries are fit: what is loaded does not change any more. */
  private static final Set<Class<?>> FIT = ConcurrentHashMap.newKeySet();

  /** Where the client's and the server's own classes are, which are looked into. */
  private static final List<String> OWN =
      List.of("dev.peers.transport.http.", "dev.peers.server.http.");

  private final ClassLoader loader;
  private final List<String> missing = new ArrayList<>();
  private final Set<Library> unfit = EnumSet.noneOf(Library.class);
  private @Nullable Throwable cause;

  private Linkage(ClassLoader loader) {
    this.loader = loader;
  }

  /**
   * Whether the libraries are those of the build, for certain: Peers' own build has put them into
   * one jar with this class. Then there is nothing to look at, nor to load for it.
   */
  public static boolean isBundled() {
    return "dev.peers.standalone".equals(Linkage.class.getPackage().getImplementationTitle());
  }

  /**
   * Looks at all that a class of the client or the server uses, itself and through others of them.
   * Loads what it looks at, and initializes nothing.
   *
   * @param root where to begin
   * @param purpose what cannot be done otherwise, the beginning of a sentence
   * @throws PeersException {@link ErrorCode#PROVIDER_UNAVAILABLE} that names what is missing, where
   *     it was looked for, and which versions have it
   */
  public static void require(Class<?> root, String purpose) {
    if (FIT.contains(root)) {
      return;
    }
    Linkage linkage = new Linkage(root.getClassLoader());
    linkage.follow(root.getName());
    if (!linkage.missing.isEmpty()) {
      throw linkage.refusal(purpose);
    }
    FIT.add(root);
  }

  /**
   * What it means that libraries turned out not to fit when they were used.
   *
   * @param purpose what cannot be done, the beginning of a sentence
   * @param libraries those that may be meant
   * @param cause what showed it
   */
  public static PeersException refusal(String purpose, Set<Library> libraries, Throwable cause) {
    return new PeersException(
        ErrorCode.PROVIDER_UNAVAILABLE,
        purpose
            + ": the libraries that are here do not fit each other ("
            + cause
            + "). "
            + advice(libraries),
        cause);
  }

  private PeersException refusal(String purpose) {
    String more = missing.size() > NAMED ? " and " + (missing.size() - NAMED) + " more" : "";
    return new PeersException(
        ErrorCode.PROVIDER_UNAVAILABLE,
        purpose
            + " with the libraries that are here: "
            + String.join(", ", missing.subList(0, Math.min(NAMED, missing.size())))
            + more
            + ". "
            + advice(unfit),
        cause);
  }

  private static String advice(Collection<Library> libraries) {
    return "Peers "
        + BuildInfo.version()
        + " needs "
        + libraries.stream().map(Library::needed).collect(Collectors.joining(", "))
        + ", each with all its parts in one version; have your build choose such a version";
  }

  /** Breadth or depth does not matter: every class of ours is read once, whatever leads to it. */
  private void follow(String root) {
    Deque<String> next = new ArrayDeque<>(Set.of(root));
    Set<String> seen = new HashSet<>(next);
    while (!next.isEmpty()) {
      ClassReferences used = references(next.pop());
      for (String name : used.classes()) {
        if (OWN.stream().anyMatch(name::startsWith)) {
          if (seen.add(name)) {
            next.push(name);
          }
        } else {
          Library.of(name).ifPresent(library -> lookAt(name, library));
        }
      }
      for (Member member : used.members()) {
        Library.of(member.owner()).ifPresent(library -> lookAt(member, library));
      }
    }
  }

  /** What one of our classes uses, from its class file: to load it would be to link it. */
  private ClassReferences references(String name) {
    // Not there: a native image, which was linked when it was made.
    try (InputStream in = loader.getResourceAsStream(name.replace('.', '/') + ".class")) {
      return in == null ? ClassReferences.NONE : ClassReferences.read(in);
    } catch (IOException e) {
      throw new PeersException(
          ErrorCode.PROVIDER_UNAVAILABLE, "cannot read the class " + name + ": " + e, e);
    }
  }

  private void lookAt(String className, Library library) {
    try {
      Class.forName(className, false, loader);
    } catch (ClassNotFoundException | LinkageError e) {
      add("there is no " + className, library, e);
    }
  }

  private void lookAt(Member member, Library library) {
    try {
      Class<?> owner = Class.forName(member.owner(), false, loader);
      if (!has(owner, member)) {
        String name = member.owner() + (member.isConstructor() ? "" : "." + member.name());
        add(
            Library.jar(owner) + " has no " + name + " " + member.descriptor(),
            library,
            new NoSuchElementException(member.toString()));
      }
    } catch (ClassNotFoundException | LinkageError e) {
      // A class that is missing was told when it was looked at. One that cannot show what it has,
      // since something else is missing that it names, may have what is asked for.
    }
  }

  /** As the JVM finds it: a method with another return type is another method. */
  private static boolean has(Class<?> owner, Member member) {
    Stream<String> declared;
    if (member.isField()) {
      declared =
          Stream.of(owner.getDeclaredFields())
              .filter(field -> field.getName().equals(member.name()))
              .map(field -> field.getType().descriptorString());
    } else if (member.isConstructor()) {
      declared =
          Stream.of(owner.getDeclaredConstructors())
              .map(one -> descriptor(one.getParameterTypes(), void.class));
    } else {
      declared =
          Stream.of(owner.getDeclaredMethods())
              .filter(method -> method.getName().equals(member.name()))
              .map(method -> descriptor(method.getParameterTypes(), method.getReturnType()));
    }
    if (declared.anyMatch(member.descriptor()::equals)) {
      return true;
    }
    if (member.isConstructor()) {
      return false;
    }
    Class<?> above = owner.isInterface() ? Object.class : owner.getSuperclass();
    return (above != null && has(above, member))
        || Stream.of(owner.getInterfaces()).anyMatch(one -> has(one, member));
  }

  /** The descriptor of a method as a class file has it. */
  private static String descriptor(Class<?>[] parameters, Class<?> result) {
    return Stream.of(parameters)
            .map(Class::descriptorString)
            .collect(Collectors.joining("", "(", ")"))
        + result.descriptorString();
  }

  /** Notes what is missing. The first cause stands for all: the others mostly follow from it. */
  private void add(String what, Library library, Throwable e) {
    missing.add(what);
    unfit.add(library);
    if (cause == null) {
      cause = e;
    }
  }
}
