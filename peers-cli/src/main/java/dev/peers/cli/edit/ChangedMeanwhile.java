package dev.peers.cli.edit;

import java.nio.file.Path;

/** A file is no longer what it was when its change was computed; compute it anew. */
public final class ChangedMeanwhile extends Exception {
  private static final long serialVersionUID = 1L;

  ChangedMeanwhile(Path file) {
    super(file + " was changed by another program meanwhile");
  }
}
