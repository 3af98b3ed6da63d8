package dev.peers.server.http;

import static dev.peers.tck.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.peers.Broker;
import dev.peers.BuildInfo;
import dev.peers.ErrorCode;
import dev.peers.PeersException;
import dev.peers.broker.InMemoryStore;
import dev.peers.broker.LocalBroker;
import dev.peers.spi.BrokerServer;
import dev.peers.spi.ClientConfig;
import dev.peers.spi.Provider;
import dev.peers.spi.Providers;
import dev.peers.spi.ServerConfig;
import dev.peers.spi.ServerProvider;
import dev.peers.spi.TransportProvider;
import dev.peers.transport.http.HttpTransportProvider;
import dev.peers.transport.http.linkage.Library;
import dev.peers.transport.http.linkage.Linkage;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** In programs that bring other versions of the libraries along than those of the build. */
class HostLibrariesTest {
  @TempDir Path directory;

  private final Broker broker = LocalBroker.over(new InMemoryStore()).build();
  private final CountDownLatch stopped = new CountDownLatch(1);

  @AfterEach
  void close() {
    broker.close();
  }

  @Test
  void servesAndConnectsWithThoseOfTheBuild() {
    HostLoader host = new HostLoader();
    TransportProvider http = client(host);

    assertThat(http.getClass()).isNotEqualTo(HttpTransportProvider.class);
    try (BrokerServer server = serve(server(host), 0);
        Broker remote = http.connect(new ClientConfig(server.address(), "secret"))) {
      assertThat(remote.status().version()).isEqualTo(BuildInfo.version());
    }
  }

  @Test
  void serveNamesAMethodThatTheJettyHereLacks() throws IOException {
    String source =
        "package org.eclipse.jetty.http; public class PreEncodedHttpField extends HttpField {"
            + " public PreEncodedHttpField(HttpHeader header, Object value) {"
            + " super(header, String.valueOf(value)); } }";
    int port = freePort();
    ServerProvider http =
        server(
            new HostLoader()
                .with(
                    "org.eclipse.jetty.http.PreEncodedHttpField",
                    compiled("org/eclipse/jetty/http/PreEncodedHttpField", source)));

    assertThatThrownBy(() -> serve(http, port))
        .isInstanceOfSatisfying(
            PeersException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.PROVIDER_UNAVAILABLE))
        .hasMessageContainingAll(
            "has no org.eclipse.jetty.http.PreEncodedHttpField"
                + " (Lorg/eclipse/jetty/http/HttpHeader;Ljava/lang/String;)V",
            "needs Jetty 12.0.15 or newer");
    assertNothingListens(port);
  }

  @Test
  void serveNamesAClassThatIsMissing() {
    ServerProvider http =
        server(new HostLoader().without("org.eclipse.jetty.util.IteratingNestedCallback"));

    assertThatThrownBy(() -> serve(http, 0))
        .isInstanceOf(PeersException.class)
        .hasMessageContainingAll(
            "there is no org.eclipse.jetty.util.IteratingNestedCallback", "Jetty 12.0.15 or newer");
  }

  @Test
  void serveFailsWhereJettyItselfLacksWhatItNeedsToStart() throws IOException {
    int port = freePort();
    ServerProvider http = server(new HostLoader().without("org.eclipse.jetty.io.ManagedSelector"));

    assertThatThrownBy(() -> serve(http, port))
        .isInstanceOf(PeersException.class)
        .hasMessageContainingAll("do not fit", "ManagedSelector", "Jetty 12.0.15 or newer");
    assertNothingListens(port);
  }

  @Test
  void serveFailsWhereJettyLacksWhatItNeedsToAnswer() throws IOException {
    int port = freePort();
    ServerProvider http = server(new HostLoader().without("org.eclipse.jetty.http.HttpParser"));

    PeersException e = catchThrowableOfType(PeersException.class, () -> serve(http, port));

    assertThat(e).hasMessageContaining("the HTTP server cannot run");
    assertNothingListens(port);
  }

  @Test
  void aPortIsClosedWhoseServerTurnsOutNotToStart() throws Exception {
    HostLoader own = new HostLoader(bundle()).without("org.eclipse.jetty.io.ManagedSelector");
    try (BrokerServer server = serve(server(own), 0)) {
      int port = server.address().getPort();
      // Somebody comes, and so it starts.
      new Socket(InetAddress.getLoopbackAddress(), port).close();

      assertThat(stopped.await(30, TimeUnit.SECONDS)).isTrue();
      eventually("the port is closed", () -> !listens(port));
    }
  }

  @Test
  void connectNamesWhatTheOkHttpHereLacks() {
    TransportProvider http = client(new HostLoader().without("okhttp3.ConnectionSpec"));
    ClientConfig config = new ClientConfig(URI.create("http://127.0.0.1:1"), "secret");

    assertThatThrownBy(() -> http.connect(config))
        .isInstanceOf(PeersException.class)
        .hasMessageContainingAll("there is no okhttp3.ConnectionSpec", "OkHttp 4.12 or newer");
  }

  @Test
  void connectFailsWhereOkHttpLacksWhatItNeeds() {
    TransportProvider http = client(new HostLoader().without("kotlin.jvm.internal.Intrinsics"));
    ClientConfig config = new ClientConfig(URI.create("http://127.0.0.1:1"), "secret");

    assertThatThrownBy(() -> http.connect(config))
        .isInstanceOf(PeersException.class)
        .hasMessageContainingAll("kotlin/jvm/internal/Intrinsics", "Kotlin");
  }

  private static TransportProvider client(ClassLoader host) {
    return provider(TransportProvider.class, host);
  }

  private static ServerProvider server(ClassLoader host) {
    return provider(ServerProvider.class, host);
  }

  private static <P extends Provider> P provider(Class<P> kind, ClassLoader host) {
    return Providers.of(kind, host).all().stream()
        .filter(one -> one.getClass().getClassLoader() == host)
        .findFirst()
        .orElseThrow();
  }

  private BrokerServer serve(ServerProvider http, int port) {
    return http.serve(
        broker, ServerConfig.withToken("127.0.0.1", port, "secret", stopped::countDown));
  }

  /** A jar with the manifest of Peers' own program, and in it the package that looks at that. */
  private Path bundle() throws IOException {
    Path jar = directory.resolve("peers.jar");
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().put(Attributes.Name.IMPLEMENTATION_TITLE, "dev.peers.standalone");
    try (OutputStream out = Files.newOutputStream(jar);
        JarOutputStream entries = new JarOutputStream(out, manifest)) {
      for (Class<?> each : List.of(Linkage.class, Library.class)) {
        String name = each.getName().replace('.', '/') + ".class";
        entries.putNextEntry(new ZipEntry(name));
        try (InputStream in = each.getClassLoader().getResourceAsStream(name)) {
          in.transferTo(entries);
        }
      }
    }
    return jar;
  }

  private byte[] compiled(String name, String source) throws IOException {
    Path file = directory.resolve(name + ".java");
    Files.createDirectories(file.getParent());
    Files.writeString(file, source);
    int code =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                OutputStream.nullOutputStream(),
                null,
                "-cp",
                System.getProperty("java.class.path"),
                file.toString());
    assertThat(code).isZero();
    return Files.readAllBytes(directory.resolve(name + ".class"));
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static void assertNothingListens(int port) {
    assertThat(listens(port)).isFalse();
  }

  private static boolean listens(int port) {
    try {
      new Socket(InetAddress.getLoopbackAddress(), port).close();
      return true;
    } catch (ConnectException e) {
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
