module com.example.embedded {
  requires dev.peers;
  requires dev.peers.broker;
  requires dev.peers.client;
}
