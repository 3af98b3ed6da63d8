package dev.peers.transport.http;

import java.nio.ByteBuffer;
import java.util.List;
import org.eclipse.jetty.io.RetainableByteBuffer;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.IteratingNestedCallback;
import org.jspecify.annotations.Nullable;

/**
 * Writes the parts of a body through one small buffer, as the client takes them: a long answer is
 * not put together for each client that asks, and a socket that is full is not offered all the rest
 * of it again. The parts must stay as they are until the callback is called, and so must the buffer
 * while it is being written.
 */
final class BodyWriter extends IteratingNestedCallback {
  private static final int BUFFER_BYTES = 32 * 1024;

  private final Response response;
  private final List<byte[]> parts;
  private final RetainableByteBuffer pooled;
  private final ByteBuffer buffer;

  // Where the rest of the parts begins.
  private int part;
  private int offset;
  private boolean last;

  BodyWriter(Response response, List<byte[]> parts, int length, Callback callback) {
    super(callback);
    this.response = response;
    this.parts = parts;
    this.pooled =
        response
            .getRequest()
            .getComponents()
            .getByteBufferPool()
            .acquire(Math.min(length, BUFFER_BYTES), true);
    this.buffer = pooled.getByteBuffer();
  }

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

  @Override
  protected void onCompleted(@Nullable Throwable cause) {
    pooled.release();
    super.onCompleted(cause);
  }
}
