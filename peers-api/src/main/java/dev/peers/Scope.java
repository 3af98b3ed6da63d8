package dev.peers;

import java.util.Locale;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Which peers a listing shows. A scope other than the network is one of a single machine: that of
 * the broker where it names none.
 *
 * @since 0.1
 */
public sealed interface Scope {
  /**
   * Every peer, on whatever machine.
   *
   * @return the scope
   */
  static Scope network() {
    return new Network();
  }

  /**
   * Every peer of the broker's machine.
   *
   * @return the scope
   */
  static Scope machine() {
    return new Machine(null);
  }

  /**
   * The peers whose working directory is the same.
   *
   * @param cwd a real, absolute path
   * @return the scope
   */
  static Scope directory(String cwd) {
    return new Directory(cwd, null);
  }

  /**
   * The peers that work in the same repository, whatever the work tree or subdirectory.
   *
   * @param gitCommonDir the real path of git's common directory
   * @return the scope
   */
  static Scope repository(String gitCommonDir) {
    return new Repository(gitCommonDir, null);
  }

  /**
   * The repository of a workspace; outside git its directory.
   *
   * @param workspace where the asking session works
   * @return a {@link Repository}, or a {@link Directory} where there is none
   */
  static Scope repositoryOf(Workspace workspace) {
    String commonDir = Arguments.required("workspace", workspace).gitCommonDir();
    Scope scope = commonDir == null ? directory(workspace.cwd()) : repository(commonDir);
    return scope.onHost(workspace.host());
  }

  /**
   * The scope that has a name on every surface of Peers.
   *
   * @param name {@code machine}, {@code directory}, {@code repo} or {@code network}
   * @param here where the asking session works; asked for if it matters
   * @return the scope
   * @throws PeersException {@link ErrorCode#INVALID_ARGUMENT} for another name
   */
  static Scope named(String name, Supplier<Workspace> here) {
    Arguments.required("here", here);
    return switch (Arguments.required("scope", name).strip().toLowerCase(Locale.ROOT)) {
      case "machine" -> machine();
      case "directory" -> directory(here.get().cwd()).onHost(here.get().host());
      case "repo" -> repositoryOf(here.get());
      case "network" -> network();
      default ->
          throw Checks.invalid(
              "scope '" + name + "' is unknown; expected machine, directory, repo or network");
    };
  }

  /**
   * The same scope on a machine, for those who know which one is meant.
   *
   * @param host the machine's name; null changes nothing
   * @return this scope if it names a machine or needs none, else one that names this machine
   */
  Scope onHost(@Nullable String host);

  /**
   * Whether a session that works there belongs to this scope. Where both name no machine, it is the
   * same one.
   *
   * @param workspace where a session works
   * @return true if a listing of this scope shows it
   */
  boolean includes(Workspace workspace);

  /** Every peer, on whatever machine. */
  record Network() implements Scope {
    @Override
    public Scope onHost(@Nullable String host) {
      return this;
    }

    @Override
    public boolean includes(Workspace workspace) {
      Arguments.required("workspace", workspace);
      return true;
    }
  }

  /**
   * Every peer of one machine.
   *
   * @param host the machine's name; null for the broker's
   */
  record Machine(@Nullable String host) implements Scope {
    /** Checks the name's form. */
    public Machine {
      Checks.oneLineOrNull("host", host, Workspace.MAX_HOST_LENGTH);
    }

    @Override
    public Scope onHost(@Nullable String machine) {
      return host == null ? new Machine(machine) : this;
    }

    @Override
    public boolean includes(Workspace workspace) {
      return Objects.equals(host, Arguments.required("workspace", workspace).host());
    }
  }

  /**
   * The peers of one working directory.
   *
   * @param cwd a real, absolute path
   * @param host the name of its machine; null for the broker's
   */
  record Directory(String cwd, @Nullable String host) implements Scope {
    /** Checks the forms. */
    public Directory {
      Checks.oneLine("directory", cwd, 4096);
      Checks.oneLineOrNull("host", host, Workspace.MAX_HOST_LENGTH);
    }

    @Override
    public Scope onHost(@Nullable String machine) {
      return host == null ? new Directory(cwd, machine) : this;
    }

    @Override
    public boolean includes(Workspace workspace) {
      return Arguments.required("workspace", workspace).cwd().equals(cwd)
          && Objects.equals(host, workspace.host());
    }
  }

  /**
   * The peers of one git repository.
   *
   * @param gitCommonDir the real path of git's common directory
   * @param host the name of its machine; null for the broker's
   */
  record Repository(String gitCommonDir, @Nullable String host) implements Scope {
    /** Checks the forms. */
    public Repository {
      Checks.oneLine("git common directory", gitCommonDir, 4096);
      Checks.oneLineOrNull("host", host, Workspace.MAX_HOST_LENGTH);
    }

    @Override
    public Scope onHost(@Nullable String machine) {
      return host == null ? new Repository(gitCommonDir, machine) : this;
    }

    @Override
    public boolean includes(Workspace workspace) {
      return gitCommonDir.equals(Arguments.required("workspace", workspace).gitCommonDir())
          && Objects.equals(host, workspace.host());
    }
  }
}
