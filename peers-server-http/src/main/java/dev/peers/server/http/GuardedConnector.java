package dev.peers.server.http;

import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.concurrent.Executor;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SelectorManager;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * Takes connections, of which each is watched for its end, and no more than there may be. One
 * acceptor and one selector: a broker has many connections and little traffic on each.
 */
final class GuardedConnector extends ServerConnector {
  GuardedConnector(Server server, HttpConnectionFactory http, ConnectionGuard guard) {
    super(server, 1, 1, http);
    addBean(guard);
  }

  @Override
  protected SelectorManager newSelectorManager(
      Executor executor, Scheduler scheduler, int selectors) {
    // It asks executors whether they have a thread at once, and here there is never one.
    return super.newSelectorManager(task -> executor.execute(task), scheduler, selectors);
  }

  @Override
  protected SocketChannelEndPoint newEndPoint(
      SocketChannel channel, ManagedSelector selector, SelectionKey key) {
    SocketChannelEndPoint endPoint = new WatchedEndPoint(channel, selector, key, getScheduler());
    endPoint.setIdleTimeout(getIdleTimeout());
    return endPoint;
  }
}
