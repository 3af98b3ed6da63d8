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
 *
 * <p>The JDK has a channel for such sockets and no {@link Socket}, and a blocking channel has no
 * read with a time limit. So the channel does not block, and each direction waits at a selector of
 * its own: with one for both, a thread that writes would take the other's wake-up.
 */
// A close must not wait for a thread that is in another of these methods.
@SuppressWarnings("UnsynchronizedOverridesSynchronized")
final class LocalSocket extends Socket {
  private final Path path;
  private final InputStream in = new Input();
  private final OutputStream out = new Output();
  // Set by connect, which comes first.
  private volatile SocketChannel channel;

  /** One for each direction. Each is used by one thread at a time, and closed by any. */
  private volatile Selector readable;

  private volatile Selector writable;
  private volatile int timeoutMillis;
  private volatile boolean closed;

  @SuppressWarnings("NullAway.Init")
  LocalSocket(Path path) {
    this.path = path;
  }

  /** Connects to the file, whatever the address: the client resolved a name that is not needed. */
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

  /** Kept here: the channel knows no such option. */
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

  /** The client asks before it uses a pooled connection again; a read would show the end. */
  @Override
  public boolean isInputShutdown() {
    return false;
  }

  @Override
  public boolean isOutputShutdown() {
    return false;
  }

  /** Not null, which would mean that it is not connected. */
  @Override
  public InetAddress getInetAddress() {
    return InetAddress.getLoopbackAddress();
  }

  /** Ends reads and writes that wait: they look at {@code closed} when their select returns. */
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

  /** Waits until the channel is ready, at most so long, 0 for as long as it takes. */
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

  /** Reads what is there, and waits only for a first byte. Closing it closes the socket. */
  private final class Input extends InputStream {
    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    /** Waits within the time that is set, counted over all the wake-ups that bring nothing. */
    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      if (length == 0) {
        return 0;
      }
      ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
      int n = channel.read(buffer);
      long start = System.nanoTime();
      while (n == 0) {
        // Read each time: the client changes it between two reads.
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

  /** Writes all that it is given. The channel takes what fits into the socket's own buffer. */
  private final class Output extends OutputStream {
    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    /** Without a limit of its own: the client has one around it, and closes the socket then. */
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
