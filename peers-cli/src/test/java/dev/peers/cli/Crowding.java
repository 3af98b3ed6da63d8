package dev.peers.cli;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Connections to a socket that say nothing, and take a descriptor each. */
final class Crowding implements AutoCloseable {
  private final List<SocketChannel> channels = new ArrayList<>();

  Crowding(Path socket, int count) throws IOException {
    for (int i = 0; i < count; i++) {
      channels.add(SocketChannel.open(UnixDomainSocketAddress.of(socket)));
    }
  }

  int size() {
    return channels.size();
  }

  @Override
  public void close() throws IOException {
    for (SocketChannel channel : channels) {
      channel.close();
    }
  }
}
