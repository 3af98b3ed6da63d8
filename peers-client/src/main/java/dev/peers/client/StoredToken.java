package dev.peers.client;

import dev.peers.ErrorCode;
import dev.peers.PeersException;
import dev.peers.local.IoReason;
import dev.peers.local.PrivateFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/** A broker's token, as a file of this user's has it. */
final class StoredToken {
  private static final int MAX_FILE = 1024;
  private static final Pattern FORM = Pattern.compile("[A-Za-z0-9_-]{43,128}");

  private StoredToken() {}

  /** The token; empty if there is no file, or nothing in it. */
  static Optional<String> read(Path file) {
    String token;
    try {
      PrivateFiles.requireRegular(file);
      PrivateFiles.requireOwn(file);
      try (var in = Files.newInputStream(file)) {
        token = new String(in.readNBytes(MAX_FILE), StandardCharsets.UTF_8).strip();
      }
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new PeersException(
          ErrorCode.UNAVAILABLE,
          "the token file "
              + file
              + " cannot be read: "
              + IoReason.brief(e)
              + ". Check its owner and mode",
          e);
    }
    if (token.isEmpty()) {
      return Optional.empty();
    }
    if (!FORM.matcher(token).matches()) {
      throw new PeersException(
          ErrorCode.UNAUTHORIZED,
          "the token file "
              + file
              + " holds no token; write into it what is in the .token file of the broker");
    }
    return Optional.of(token);
  }
}
