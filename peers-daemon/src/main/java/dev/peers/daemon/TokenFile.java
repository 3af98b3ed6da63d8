package dev.peers.daemon;

import dev.peers.ErrorCode;
import dev.peers.PeersException;
import dev.peers.local.IoReason;
import dev.peers.local.PrivateFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A file with a secret, the token or what the keys of peers are made with: 256 random bits that the
 * user's own programs can read.
 */
public final class TokenFile {
  private static final System.Logger LOG = System.getLogger(TokenFile.class.getName());
  private static final Set<PosixFilePermission> OTHERS =
      EnumSet.of(
          PosixFilePermission.GROUP_READ,
          PosixFilePermission.GROUP_WRITE,
          PosixFilePermission.OTHERS_READ,
          PosixFilePermission.OTHERS_WRITE);
  private static final Pattern FORM = Pattern.compile("[A-Za-z0-9_-]{43,128}");

  private TokenFile() {}

  /** The token, or empty if there is no file yet. */
  public static Optional<String> read(Path file) {
    try {
      PrivateFiles.requireRegular(file);
      byte[] bytes;
      try (var in = Files.newInputStream(file)) {
        bytes = in.readNBytes(1024);
      }
      PrivateFiles.requireOwn(file);
      String token = new String(bytes, StandardCharsets.UTF_8).strip();
      if (token.isEmpty()) {
        return Optional.empty();
      }
      if (!FORM.matcher(token).matches()) {
        throw new PeersException(
            ErrorCode.UNAUTHORIZED,
            "the file "
                + file
                + " holds no token; move it away, and the broker, or the next one, makes it again");
      }
      return Optional.of(token);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw failure(file, "cannot be read", e);
    }
  }

  /**
   * The token, made if there is none; called by the broker alone, under its lock. One that others
   * could read is replaced: nobody knows who has.
   */
  static String readOrMake(Path file) {
    Optional<String> present = read(file);
    if (present.isPresent() && !replaceIfExposed(file)) {
      try {
        PrivateFiles.protect(file);
      } catch (IOException e) {
        throw failure(file, "cannot be protected", e);
      }
      return present.get();
    }
    if (present.isPresent()) {
      return read(file).orElseThrow(IllegalStateException::new);
    }
    String token = random();
    write(file, token);
    return token;
  }

  /**
   * Writes a new token where other users could read or write the one that is there, and says so in
   * the log; called by the broker alone.
   *
   * @return whether there is a new one
   */
  static boolean replaceIfExposed(Path file) {
    try {
      if (!isExposed(file)) {
        return false;
      }
    } catch (IOException e) {
      throw failure(file, "cannot be looked at", e);
    }
    write(file, random());
    LOG.log(
        System.Logger.Level.WARNING,
        "other users could read or write {0}, so it has a new secret: who used the former one needs"
            + " the new",
        file);
    return true;
  }

  /** Whether others may read or write a file, and get at it in its directory. */
  private static boolean isExposed(Path file) throws IOException {
    Path directory = file.toAbsolutePath().getParent();
    if (directory == null
        || !file.getFileSystem().supportedFileAttributeViews().contains("posix")
        || !Files.exists(file)) {
      return false;
    }
    Set<PosixFilePermission> around = Files.getPosixFilePermissions(directory);
    return (around.contains(PosixFilePermission.GROUP_EXECUTE)
            || around.contains(PosixFilePermission.OTHERS_EXECUTE))
        && !Collections.disjoint(Files.getPosixFilePermissions(file), OTHERS);
  }

  /** A token that nobody knows. */
  public static String random() {
    byte[] bits = new byte[32];
    new SecureRandom().nextBytes(bits);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bits);
  }

  /** Writes a token beside and moves it, so that nobody ever reads half of it. */
  public static void write(Path file, String token) {
    Path next = file.resolveSibling(file.getFileName() + ".new");
    // Nothing but a secret that was not moved any more is replaced.
    var unused = read(next);
    try {
      Files.deleteIfExists(next);
      try (SeekableByteChannel channel =
          Files.newByteChannel(
              next,
              Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
              PrivateFiles.ownerOnly(next))) {
        channel.write(ByteBuffer.wrap((token + "\n").getBytes(StandardCharsets.UTF_8)));
      }
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw failure(file, "cannot be written", e);
    }
  }

  private static PeersException failure(Path file, String what, IOException cause) {
    return new PeersException(
        ErrorCode.UNAUTHORIZED,
        "the file "
            + file
            + " "
            + what
            + ": "
            + IoReason.brief(cause)
            + ". Check its owner and mode",
        cause);
  }
}
