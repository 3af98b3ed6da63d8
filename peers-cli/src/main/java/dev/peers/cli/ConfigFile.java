package dev.peers.cli;

import dev.peers.ErrorCode;
import dev.peers.PeersException;
import dev.peers.mcp.relay.IoReason;
import dev.peers.mcp.relay.OwnFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A file of an agent's configuration.
 *
 * @param path where the agent looks for it; may be a link
 * @param personal whether it is the user's alone, and not a project's
 */
record ConfigFile(Path path, boolean personal) {
  private static final int MAX_LINKS = 40;

  /** Where the file is kept as it was before the first change. */
  Path backup() {
    return path.resolveSibling(path.getFileName() + ".peers-backup");
  }

  /** What is in the file, null if there is none. */
  @Nullable String read() {
    return read(path);
  }

  /** What is in the backup, null if there is none. */
  @Nullable String readBackup() {
    return read(backup());
  }

  /** Replaces what is in the file, if it is still this; makes the file if there is none. */
  void write(@Nullable String expected, String text) {
    try {
      Path target = target();
      if (expected == null) {
        makeDirectory(target);
      } else if (!Files.isWritable(target)) {
        throw new IOException("it may not be written");
      }
      replace(target, expected == null ? null : target, expected, text);
    } catch (IOException e) {
      throw failure(path, "cannot be written", e);
    }
  }

  void writeBackup(String text) {
    try {
      replace(backup(), target(), null, text);
    } catch (IOException e) {
      throw failure(backup(), "cannot be written", e);
    }
  }

  void delete() {
    delete(path);
  }

  void deleteBackup() {
    delete(backup());
  }

  /** The file itself, at the end of all links, whether it is there or not. */
  private Path target() throws IOException {
    Path target = path;
    for (int i = 0; Files.isSymbolicLink(target); i++) {
      if (i == MAX_LINKS) {
        throw new IOException("it is a link that leads nowhere");
      }
      target = target.resolveSibling(Files.readSymbolicLink(target));
    }
    return target;
  }

  private void makeDirectory(Path target) throws IOException {
    if (personal) {
      OwnFiles.makeDirectory(target.getParent());
    } else if (target.getParent() != null) {
      Files.createDirectories(target.getParent());
    }
  }

  /** Writes beside and moves, so that nobody ever reads half of it. */
  private void replace(Path target, @Nullable Path model, @Nullable String expected, String text)
      throws IOException {
    Path next =
        target.resolveSibling(
            target.getFileName() + ".peers-" + ProcessHandle.current().pid() + ".new");
    Files.deleteIfExists(next);
    try {
      if (personal || model != null) {
        Files.createFile(next, OwnFiles.ownerOnly(next));
      } else {
        Files.createFile(next);
      }
      Files.writeString(next, text);
      if (model != null && Files.getFileStore(next).supportsFileAttributeView("posix")) {
        Set<PosixFilePermission> mode = Files.getPosixFilePermissions(model);
        Files.setPosixFilePermissions(next, mode);
      }
      if (model == null || model.equals(target)) {
        String present = read(target);
        if (present == null ? expected != null : !present.equals(expected)) {
          throw new IOException("somebody else has changed it meanwhile; try again");
        }
      }
      Files.move(next, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(next);
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw failure(file, "cannot be deleted", e);
    }
  }

  private static @Nullable String read(Path file) {
    try {
      OwnFiles.requireRegular(file);
      byte[] bytes = Files.readAllBytes(file);
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (NoSuchFileException e) {
      return null;
    } catch (CharacterCodingException e) {
      throw new PeersException(
          ErrorCode.INVALID_ARGUMENT,
          file + " is no text in UTF-8, so it was left alone; mend it and try again",
          e);
    } catch (IOException e) {
      throw failure(file, "cannot be read", e);
    }
  }

  private static PeersException failure(Path file, String what, IOException cause) {
    return new PeersException(
        ErrorCode.UNAVAILABLE,
        file + " " + what + ": " + IoReason.brief(cause) + ". Check its owner and mode",
        cause);
  }
}
