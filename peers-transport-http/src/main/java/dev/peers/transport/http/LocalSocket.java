package dev.peers.transport.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/**
 * A connection to a broker over its Unix domain socket, in the form in which the HTTP client wants
 * one. Only the broker's user can make or open that file, so neither end has to prove anything
 * more. One thread may read while another writes; closing it ends both.
 */
// A close must not wait for a thread that is in another of these methods.
@SuppressWarnings("UnsynchronizedOverridesSynchronized")
final class LocalSocket extends Socket {
  private final Path path;
  private final InputStream in = new Input();
  private final OutputStream out = new Output();
  // Set by connect, which comes first.
  private volatile SocketChannel channel;
  private volatile Selector readable;
  private volatile Selector writable;
  private volatile int timeoutMillis;
  private volatile boolean closed;

  @SuppressWarnings("NullAway.Init")
  LocalSocket(Path path) {
    this.path = path;
  }

  @Override
  public void connect(SocketAddress ignored, int timeout) throws IOException {
    channel = SocketChannel.open(UnixDomainSocketAddress.of(path));
    try {
      channel.configureBlocking(false);
      readable = Selector.open();
      channel.register(readable, SelectionKey.OP_READ);
      writable = Selector.open();
      channel.register(writable, SelectionKey.OP_WRITE);
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  @Override
  public InputStream getInputStream() {
    return in;
  }

  @Override
  public OutputStream getOutputStream() {
    return out;
  }

  @Override
  public void setSoTimeout(int millis) {
    timeoutMillis = millis;
  }

  @Override
  public int getSoTimeout() {
    return timeoutMillis;
  }

  @Override
  public boolean isConnected() {
    return channel != null;
  }

  @Override
  public boolean isClosed() {
    return closed;
  }

  @Override
  public boolean isInputShutdown() {
    return false;
  }

  @Override
  public boolean isOutputShutdown() {
    return false;
  }

  @Override
  public InetAddress getInetAddress() {
    return InetAddress.getLoopbackAddress();
  }

  @Override
  public void close() throws IOException {
    closed = true;
    if (channel != null) {
      channel.close();
    }
    // After the channel: their selects end with this.
    if (readable != null) {
      readable.close();
    }
    if (writable != null) {
      writable.close();
    }
  }

  private void await(Selector selector, int millis) throws IOException {
    try {
      selector.select(millis);
      selector.selectedKeys().clear();
    } catch (ClosedSelectorException e) {
      throw new SocketException("the connection was closed");
    }
    if (closed) {
      throw new SocketException("the connection was closed");
    }
    if (Thread.currentThread().isInterrupted()) {
      // Every further wait would end at once.
      throw new InterruptedIOException("interrupted while waiting for the broker");
    }
  }

  private final class Input extends InputStream {
    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      if (length == 0) {
        return 0;
      }
      ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
      int n = channel.read(buffer);
      long start = System.nanoTime();
      while (n == 0) {
        int most = timeoutMillis;
        long left = most - (System.nanoTime() - start) / 1_000_000;
        if (most > 0 && left <= 0) {
          throw new SocketTimeoutException("nothing came within " + most + " ms");
        }
        await(readable, most == 0 ? 0 : (int) left);
        n = channel.read(buffer);
      }
      return n;
    }

    @Override
    public void close() throws IOException {
      LocalSocket.this.close();
    }
  }

  private final class Output extends OutputStream {
    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
      while (buffer.hasRemaining()) {
        if (channel.write(buffer) == 0) {
          await(writable, 0);
        }
      }
    }

    @Override
    public void close() throws IOException {
      LocalSocket.this.close();
    }
  }
}
