package dev.peers.store.sqlite;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Which log a file holds: its file and the salts in its header, which are others in each log. */
final class LogStamp {
  private static final int SALTS_AT = 16;
  private static final int SALTS_END = 24;

  private LogStamp() {}

  /** Empty where there is none. SQLite has no locks on a log that reading it could take away. */
  static String of(Path wal, @Nullable FileStamp stamp) {
    if (stamp == null || stamp.key().isEmpty() || stamp.size() < SALTS_END) {
      return "";
    }
    try (InputStream in = Files.newInputStream(wal)) {
      byte[] header = in.readNBytes(SALTS_END);
      return header.length < SALTS_END
          ? ""
          : stamp.key() + HexFormat.of().formatHex(header, SALTS_AT, SALTS_END);
    } catch (IOException e) {
      return "";
    }
  }
}
