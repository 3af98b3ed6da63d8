package dev.peers.local;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.NotLinkException;

/**
 * Why an operation on a file failed, in words. The message of a {@link FileSystemException} is
 * often the path alone, with the reason in its type.
 *
 * @since 0.1
 */
public final class IoReason {
  private IoReason() {}

  /**
   * Describes a failure for a message that names the operation itself.
   *
   * @param failure what was thrown
   * @return the path, where the exception has one, and the reason, such as {@code
   *     /home/ada/.claude-peers.token: permission denied}; never blank
   */
  public static String of(IOException failure) {
    String file = failure instanceof FileSystemException named ? named.getFile() : null;
    return file == null ? brief(failure) : file + ": " + brief(failure);
  }

  /**
   * Describes a failure for a message that names the file as well.
   *
   * @param failure what was thrown
   * @return the reason alone, such as {@code permission denied}; never blank
   */
  public static String brief(IOException failure) {
    if (failure instanceof FileSystemException named) {
      String other = named.getOtherFile();
      return (other == null ? "" : "-> " + other + ": ") + reason(named);
    }
    String message = failure.getMessage();
    return message == null || message.isBlank() ? failure.getClass().getSimpleName() : message;
  }

  private static String reason(FileSystemException failure) {
    String told = failure.getReason();
    if (told != null && !told.isBlank()) {
      return told;
    }
    if (failure instanceof AccessDeniedException) {
      return "permission denied";
    } else if (failure instanceof NoSuchFileException) {
      return "no such file or directory";
    } else if (failure instanceof FileAlreadyExistsException) {
      return "it exists already";
    } else if (failure instanceof NotDirectoryException) {
      return "not a directory";
    } else if (failure instanceof DirectoryNotEmptyException) {
      return "the directory is not empty";
    } else if (failure instanceof FileSystemLoopException) {
      return "a loop of links";
    } else if (failure instanceof NotLinkException) {
      return "not a link";
    }
    return failure.getClass().getSimpleName();
  }
}
