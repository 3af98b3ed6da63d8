package dev.peers.server.http;

import java.nio.ByteBuffer;
import java.util.List;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.IteratingNestedCallback;

/**
 * Writes the parts of a body through one small buffer, as the client takes them: a long answer is
 * not put together for each client that asks, and a socket that is full is not offered all the rest
 * of it again. The parts must stay as they are until the callback is called.
 */
final class BodyWriter extends IteratingNestedCallback {
  private static final int BUFFER_BYTES = 32 * 1024;

  private final Response response;
  private final List<byte[]> parts;
  private final ByteBuffer buffer;

  // Where the rest of the parts begins.
  private int part;
  private int offset;
  private boolean last;

  BodyWriter(Response response, List<byte[]> parts, int length, Callback callback) {
    super(callback);
    this.response = response;
    this.parts = parts;
    // Not from Jetty's pool: its method has another signature in 12.0 than in 12.1.
    this.buffer = ByteBuffer.allocate(Math.min(length, BUFFER_BYTES));
  }

  /** Called again after each write; the callback follows the last one. */
  @Override
  protected Action process() {
    if (last) {
      return Action.SUCCEEDED;
    }
    fill();
    last = part == parts.size();
    response.write(last, buffer, this);
    return Action.SCHEDULED;
  }

  /** Takes as much of the parts as fits. The buffer is free: its last write is over. */
  private void fill() {
    buffer.clear();
    while (part < parts.size()) {
      byte[] bytes = parts.get(part);
      int count = Math.min(bytes.length - offset, buffer.remaining());
      buffer.put(bytes, offset, count);
      offset += count;
      if (offset < bytes.length) {
        break;
      }
      part++;
      offset = 0;
    }
    buffer.flip();
  }
}
