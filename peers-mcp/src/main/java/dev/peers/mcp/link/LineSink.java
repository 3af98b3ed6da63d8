package dev.peers.mcp.link;

import java.io.IOException;

/** Where lines for a session go, each whole and in the order in which they are sent. */
public interface LineSink {
  /** Sends a line with its end, without blocking, or throws if the session has ended. */
  void send(byte[] line) throws IOException;

  /** Ends the connection. */
  void close();
}
