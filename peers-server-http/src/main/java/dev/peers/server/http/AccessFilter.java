package dev.peers.server.http;

import dev.peers.ErrorCode;
import dev.peers.PeerId;
import dev.peers.transport.http.wire.BrokerProof;
import dev.peers.transport.http.wire.Protocol;
import dev.peers.transport.http.wire.Secrets;
import java.net.InetSocketAddress;
import java.util.Locale;
import java.util.function.Supplier;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.jspecify.annotations.Nullable;

/**
 * Decides from a request's head who may come in; no body is read before. Browsers are kept out
 * whatever they know: by the {@code Origin} they send with every POST, and by the {@code Host} that
 * a rebound DNS name leaves behind.
 *
 * <p>The token is asked for at each request, so one that was rotated is of no use from then on.
 * Keys are checked after the body, which says whom a request acts as. What is compared with a
 * secret is compared in constant time. Thread-safe.
 */
final class AccessFilter {
  private static final String BEARER = "Bearer ";

  private final @Nullable Supplier<String> token;
  private final PeerKeys keys;
  private final boolean loopbackOnly;

  AccessFilter(@Nullable Supplier<String> token, PeerKeys keys, boolean loopbackOnly) {
    this.token = token;
    this.keys = keys;
    this.loopbackOnly = loopbackOnly;
  }

  /** Checks where a request comes from, and what it shows. */
  void admit(Request request, Response response, Access access) {
    requireOrigin(request);
    if (access == Access.OPEN) {
      prove(request, response);
    } else {
      requireToken(request);
    }
  }

  /**
   * Refuses requests that a web page has caused. A page of another site can send a broker of this
   * host simple requests, and with a rebound name also read the answers.
   */
  private void requireOrigin(Request request) {
    String host = request.getHeaders().get(HttpHeader.HOST);
    int port = Request.getLocalPort(request);
    if (loopbackOnly && !isLoopback(host, port)) {
      throw new HttpError(
          403,
          ErrorCode.UNAUTHORIZED,
          "the Host header must be 127.0.0.1, localhost or [::1], and port "
              + port
              + "; this broker serves its machine only");
    }
    // "none" is what the user typed; programs that are not browsers send no such header.
    String site = request.getHeaders().get("Sec-Fetch-Site");
    if (request.getHeaders().contains(HttpHeader.ORIGIN)
        || (site != null && !site.equals("none"))) {
      throw new HttpError(403, ErrorCode.UNAUTHORIZED, "requests of web pages are refused");
    }
  }

  /** Without a token, {@code CLAUDE_PEERS_AUTH=off}, every program of this host may come in. */
  private void requireToken(Request request) {
    if (token == null) {
      return;
    }
    String given = request.getHeaders().get(HttpHeader.AUTHORIZATION);
    if (given == null
        || !given.startsWith(BEARER)
        || !Secrets.same(token.get(), given.substring(BEARER.length()).strip())) {
      throw new HttpError(
          401,
          ErrorCode.UNAUTHORIZED,
          "the token is missing or wrong; send 'Authorization: Bearer' with the content of the"
              + " .token file beside the broker's database; with CLAUDE_PEERS_URL, Peers itself takes"
              + " it from CLAUDE_PEERS_TOKEN");
    }
  }

  /** Shows a client that wants to know it that this broker knows the token. */
  private void prove(Request request, Response response) {
    String challenge = request.getHeaders().get(BrokerProof.CHALLENGE);
    if (challenge == null || token == null) {
      return;
    }
    if (!BrokerProof.isChallenge(challenge)) {
      throw new HttpError(
          400,
          ErrorCode.INVALID_ARGUMENT,
          "the header " + BrokerProof.CHALLENGE + " must be 22 to 128 of A-Z, a-z, 0-9, - and _");
    }
    // The address that was connected to, not the one of the Host header, which a relay can choose.
    if (request.getConnectionMetaData().getLocalSocketAddress() instanceof InetSocketAddress here) {
      response
          .getHeaders()
          .put(
              BrokerProof.PROOF,
              BrokerProof.of(token.get(), challenge, BrokerProof.listener(here)).header());
    }
  }

  /** Checks that a request may act as a peer. */
  void requireKey(Request request, PeerId id) {
    if (keys.areWanted() && !keys.matches(id, request.getHeaders().get(Protocol.KEY_HEADER))) {
      throw new HttpError(
          403,
          ErrorCode.UNAUTHORIZED,
          "to act as '"
              + id
              + "' send the key that /register returned for it in the header Peers-Key");
    }
  }

  /**
   * Checks that a body is declared as JSON, which is not among the types that a form of a web page
   * can send, and that it is not compressed: its size would be that of what it unpacks to.
   */
  static void requireJson(Request request) {
    String type = request.getHeaders().get(HttpHeader.CONTENT_TYPE);
    String mime = type == null ? "" : type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    if (!mime.equals("application/json")) {
      throw new HttpError(
          415, ErrorCode.INVALID_ARGUMENT, "the content type must be application/json");
    }
    String encoding = request.getHeaders().get(HttpHeader.CONTENT_ENCODING);
    if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
      throw new HttpError(
          415, ErrorCode.INVALID_ARGUMENT, "send the body without content encoding");
    }
  }

  /** With the port: a page of another server on this host has a Host of its own. */
  private static boolean isLoopback(@Nullable String host, int port) {
    if (host == null) {
      return false;
    }
    int colon = host.lastIndexOf(':');
    boolean named = colon > host.lastIndexOf(']');
    String name = (named ? host.substring(0, colon) : host).toLowerCase(Locale.ROOT);
    return (named ? host.substring(colon + 1) : "80").equals(Integer.toString(port))
        && (name.equals("127.0.0.1") || name.equals("localhost") || name.equals("[::1]"));
  }
}
