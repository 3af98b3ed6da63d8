package dev.peers;

import static dev.peers.Arguments.required;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/**
 * Why an operation on a file failed, in words, for a message that names the file itself. The
 * message of a {@link FileSystemException} is often the path alone, with the reason in its type.
 *
 * @since 0.1
 */
public final class FileReason {
  private FileReason() {}

  /**
   * Describes a failure.
   *
   * @param failure what was thrown
   * @return the reason, such as {@code permission denied}; never blank
   */
  public static String of(IOException failure) {
    required("failure", failure);
    if (failure instanceof FileSystemException named) {
      String told = named.getReason();
      return told == null || told.isBlank() ? byType(named) : told;
    }
    String message = failure.getMessage();
    return message == null || message.isBlank() ? "input or output failed" : message;
  }

  private static String byType(FileSystemException failure) {
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
    }
    return "the file system refused it";
  }
}
