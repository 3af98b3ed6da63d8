package dev.peers.transport.http;

import dev.peers.ErrorCode;
import dev.peers.spi.BrokerEndpoint;
import dev.peers.transport.http.wire.BrokerProof;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * A connection to a broker that has proved by its first answer that it knows the token. Until then
 * nothing is sent but a challenge; a program that cannot answer it is hung up on. That costs one
 * exchange for a connection, and none for its requests.
 *
 * <p>The proof is made here, below the HTTP client, so that no code above can send the token by
 * mistake: a socket that is connected is one that has proved itself. Any local program can take the
 * port of a broker that has just ended, and would otherwise be told the token.
 */
final class VerifiedSocket extends Socket {
  /** A broker that is just starting, or has much to do, takes its time. */
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);

  /** Head and body of the answer of a stranger. */
  private static final int MAX_ANSWER = 8 * 1024;

  private final BrokerEndpoint endpoint;
  private final String token;

  VerifiedSocket(BrokerEndpoint endpoint, String token) {
    // Whatever this JVM has set for others: the token goes to the broker itself.
    super(Proxy.NO_PROXY);
    this.endpoint = endpoint;
    this.token = token;
  }

  /** Connects and verifies: it returns with a proven connection, or throws and has closed it. */
  @Override
  public void connect(SocketAddress address, int timeout) throws IOException {
    super.connect(address, timeout);
    if (getLocalSocketAddress().equals(getRemoteSocketAddress())) {
      // Where no program listens the system may connect a socket to itself.
      close();
      throw new ConnectException("no program listens there");
    }
    // The client has set it for the requests that follow, and the proof has a time of its own.
    int former = getSoTimeout();
    try {
      verify();
      setSoTimeout(former);
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * Sends a challenge and checks the proof: the code shows that the broker knows the token, the
   * address in it that no program in between has passed the challenge on.
   */
  private void verify() throws IOException {
    String challenge = BrokerProof.challenge();
    getOutputStream().write(question(challenge));
    HealthAnswer answer = answer();
    String header = answer.header(BrokerProof.PROOF);
    if (header == null) {
      throw refusal(answer);
    }
    BrokerProof proof = BrokerProof.read(header);
    if (proof == null || !proof.isMadeWith(token, challenge)) {
      throw new UnprovenBrokerException(
          ErrorCode.UNAUTHORIZED,
          "does not know this client's token, so the client sent it nothing: the broker has another"
              + " token by now (with CLAUDE_PEERS_URL, Peers takes it from CLAUDE_PEERS_TOKEN), or"
              + " another program holds the port");
    }
    // The address as this end sees it. A tunnel changes it, so endpoints behind one are not direct.
    String here = BrokerProof.listener((InetSocketAddress) getRemoteSocketAddress());
    if (endpoint.direct() && !proof.listener().equals(here)) {
      throw new UnprovenBrokerException(
          ErrorCode.UNAVAILABLE,
          "passes on what it is asked to the broker at "
              + proof.listener()
              + ", so the client sent it nothing: end that program, or choose another port with"
              + " CLAUDE_PEERS_PORT");
    }
    // The proof is for this connection; if it is not kept, the next one would go unproven.
    if (!answer.isReusable()) {
      throw new UnprovenBrokerException(
          ErrorCode.UNAVAILABLE,
          "ends each connection after one answer; what lies between must keep connections open");
    }
  }

  /** By hand: the HTTP client is above this, and its connection is not there yet. */
  private byte[] question(String challenge) {
    String host = endpoint.address().getHost();
    int port = endpoint.address().getPort();
    return ("GET /health HTTP/1.1\r\nHost: "
            + host
            + (port < 0 ? "" : ":" + port)
            + "\r\n"
            + BrokerProof.CHALLENGE
            + ": "
            + challenge
            + "\r\n\r\n")
        .getBytes(StandardCharsets.US_ASCII);
  }

  /** Reads one answer and nothing behind it, within a size and a time. */
  private HealthAnswer answer() throws IOException {
    long end = System.nanoTime() + PATIENCE_NANOS;
    InputStream in = getInputStream();
    byte[] bytes = new byte[MAX_ANSWER];
    int length = 0;
    while (true) {
      HealthAnswer answer = HealthAnswer.read(Arrays.copyOf(bytes, length));
      if (answer != null) {
        return answer;
      }
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (left <= 0) {
        throw new SocketTimeoutException("it did not prove that it knows the token within 30 s");
      }
      // For each read what is left of the whole: a byte now and then must not prolong it.
      setSoTimeout((int) left);
      int n = length == MAX_ANSWER ? -1 : in.read(bytes, length, MAX_ANSWER - length);
      if (n < 0) {
        throw new UnprovenBrokerException(
            ErrorCode.UNAVAILABLE, "is not a Peers broker: it answers no HTTP");
      }
      length += n;
    }
  }

  /** What an answer without a proof says about the program that gave it. */
  private static UnprovenBrokerException refusal(HealthAnswer answer) {
    String gateway =
        HttpCalls.gatewayFailure(answer.status(), answer.body().getBytes(StandardCharsets.UTF_8));
    if (gateway != null) {
      return new UnprovenBrokerException(ErrorCode.UNAVAILABLE, gateway);
    }
    String error = answer.error();
    if (error != null) {
      return new UnprovenBrokerException(
          answer.status() == 403 ? ErrorCode.UNAUTHORIZED : ErrorCode.UNAVAILABLE,
          "turned the client down with status " + answer.status() + ": " + error);
    }
    return new UnprovenBrokerException(
        ErrorCode.UNAVAILABLE,
        answer.isBroker()
            ? "does not prove that it knows the token, so the client sent it nothing: a broker with"
                + " CLAUDE_PEERS_AUTH=off wants no token, leave it out; one of an older version is"
                + " to be updated; else another program holds the port"
            : "is not a Peers broker: it does not prove that it knows the token, so the client sent"
                + " it nothing");
  }
}
