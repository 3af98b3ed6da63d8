package dev.peers;

import java.util.Locale;
import java.util.function.Supplier;

/** Which peers a listing shows. */
public sealed interface Scope {
  /**
   * Every peer of the broker.
   *
   * @return the scope
   */
  static Scope machine() {
    return new Machine();
  }

  /**
   * The peers whose working directory is the same.
   *
   * @param cwd a real, absolute path
   * @return the scope
   */
  static Scope directory(String cwd) {
    return new Directory(cwd);
  }

  /**
   * The peers that work in the same repository, whatever the work tree or subdirectory.
   *
   * @param gitCommonDir the real path of git's common directory
   * @return the scope
   */
  static Scope repository(String gitCommonDir) {
    return new Repository(gitCommonDir);
  }

  /**
   * The repository of a workspace; outside git its directory.
   *
   * @param workspace where the asking session works
   * @return a {@link Repository}, or a {@link Directory} where there is none
   */
  static Scope repositoryOf(Workspace workspace) {
    String commonDir = workspace.gitCommonDir();
    return commonDir == null ? directory(workspace.cwd()) : repository(commonDir);
  }

  /**
   * The scope that has a name on every surface of Peers.
   *
   * @param name {@code machine}, {@code directory} or {@code repo}
   * @param here where the asking session works; asked for unless the scope is the machine
   * @return the scope
   * @throws PeersException {@link ErrorCode#INVALID_ARGUMENT} for another name
   */
  static Scope named(String name, Supplier<Workspace> here) {
    return switch (name.strip().toLowerCase(Locale.ROOT)) {
      case "machine" -> machine();
      case "directory" -> directory(here.get().cwd());
      case "repo" -> repositoryOf(here.get());
      default ->
          throw Text.invalid(
              "scope '" + name + "' is unknown; expected machine, directory or repo");
    };
  }

  /**
   * Whether a session that works there belongs to this scope.
   *
   * @param workspace where a session works
   * @return true if a listing of this scope shows it
   */
  boolean includes(Workspace workspace);

  /** Every peer of the broker. */
  record Machine() implements Scope {
    @Override
    public boolean includes(Workspace workspace) {
      return true;
    }
  }

  /**
   * The peers of one working directory.
   *
   * @param cwd a real, absolute path
   */
  record Directory(String cwd) implements Scope {
    /** Checks the path's form. */
    public Directory {
      Text.oneLine("directory", cwd, 4096);
    }

    @Override
    public boolean includes(Workspace workspace) {
      return workspace.cwd().equals(cwd);
    }
  }

  /**
   * The peers of one git repository.
   *
   * @param gitCommonDir the real path of git's common directory
   */
  record Repository(String gitCommonDir) implements Scope {
    /** Checks the path's form. */
    public Repository {
      Text.oneLine("git common directory", gitCommonDir, 4096);
    }

    @Override
    public boolean includes(Workspace workspace) {
      return gitCommonDir.equals(workspace.gitCommonDir());
    }
  }
}
