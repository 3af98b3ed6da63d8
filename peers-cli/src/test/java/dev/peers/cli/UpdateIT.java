package dev.peers.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peers.local.BrokerInfo;
import dev.peers.local.PrivateFiles;
import dev.peers.tck.Eventually;
import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of sessions and brokers when what they were started from is replaced or removed. */
class UpdateIT {
  private final World world = new World();

  @AfterEach
  void end() {
    world.close();
  }

  @Test
  void sessionsAndBrokerLiveOnWhenANewerVersionIsCopiedOverTheirs() throws Exception {
    Path installed = world.directory("installed");
    CopiedInstallation.in(installed, "0.0.1").withLibrary();
    Path newer = world.directory("newer");
    CopiedInstallation.in(newer, "0.0.2").withLibrary();
    RawSession eel = world.start(launcher(installed), world.directory("eel"), Map.of());
    eel.initialize();
    String eelId = eel.id();
    long broker = world.brokerPid().orElseThrow();

    copyOver(newer, installed);

    assertThat(eel.id()).isEqualTo(eelId);
    assertThat(world.brokerPid()).contains(broker);
    assertThat(ProcessHandle.of(broker)).isPresent();
    assertThat(version()).isEqualTo("0.0.1");
    world.killBroker();
    assertThat(eel.id()).isEqualTo(eelId);
    assertThat(version()).isEqualTo("0.0.2");
  }

  @Test
  void aCopyOfTheSameBuildWritesIntoNoFileThatProcessesHaveMapped() throws Exception {
    Path original = Path.of(System.getProperty("peers.home"));
    Path installed = world.directory("installed");
    copyOver(original, installed);
    String peers = installed.resolve("bin/peers").toString();
    assertThat(world.run(List.of(peers, "prepare"), world.home(), "").code()).isZero();
    RawSession eel = world.start(launcher(installed), world.directory("eel"), Map.of());
    eel.initialize();
    String eelId = eel.id();
    long broker = world.brokerPid().orElseThrow();
    List<String> before = mapped(installed, eel.process().pid(), broker);
    assertThat(before).hasSizeGreaterThan(2);

    copyOver(original, installed);

    assertThat(mapped(installed, eel.process().pid(), broker)).isEqualTo(before);
    assertThat(eel.id()).isEqualTo(eelId);
    assertThat(world.brokerPid()).contains(broker);
    assertThat(ProcessHandle.of(broker)).isPresent();
  }

  /**
   * The files of an installation that processes have in their memory, and when each was written.
   */
  private static List<String> mapped(Path installation, long... pids) throws IOException {
    Set<String> mapped = new TreeSet<>();
    for (long pid : pids) {
      Path maps = Path.of("/proc/" + pid + "/maps");
      assumeThat(maps).isReadable();
      for (String line : Files.readAllLines(maps)) {
        int path = line.indexOf(installation + "/");
        if (path > 0) {
          Path file = Path.of(line.substring(path));
          mapped.add(Files.getLastModifiedTime(file) + " " + file);
        }
      }
    }
    return List.copyOf(mapped);
  }

  @Test
  void aSessionThatLacksAClassAnswersOrEnds() throws Exception {
    world.join("owl");
    CopiedInstallation installed = CopiedInstallation.in(world.directory("installed"));
    RawSession eel = world.start(installed.relay(), world.directory("eel"), Map.of());
    eel.initialize();
    world.sessions().get(0).close();
    // As a copy over it does.
    Path jar = installed.build().relayJar();
    Files.write(jar, new byte[(int) Files.size(jar)]);
    world.killBroker();

    int asked = eel.request("tools/call", Map.of("name", "whoami", "arguments", Map.of()));

    Eventually.eventually(
        "an answer, or the end",
        () ->
            !eel.process().isAlive()
                || eel.received().stream().anyMatch(m -> m.path("id").asInt() == asked));
  }

  @Test
  void theNextBrokerIsOfTheVersionThatTheLauncherLeadsToNow() throws IOException {
    Path first = world.directory("peers-0.0.1");
    CopiedInstallation.in(first, "0.0.1");
    Path current = Files.createSymbolicLink(first.resolveSibling("current"), first);
    RawSession eel = world.start(launcher(current), world.directory("eel"), Map.of());
    eel.initialize();
    String eelId = eel.id();
    Path second = world.directory("peers-0.0.2");
    CopiedInstallation.in(second, "0.0.2");
    Files.delete(current);
    Files.createSymbolicLink(current, second);
    PrivateFiles.deleteTree(first);
    world.killBroker();

    assertThat(eel.id()).isEqualTo(eelId);
    assertThat(version()).isEqualTo("0.0.2");
  }

  @Test
  void aFileThatNamesTheBuildMayLackTheEndOfItsLine() throws IOException {
    Path installed = world.directory("installed");
    CopiedInstallation copy = CopiedInstallation.in(installed);
    Files.writeString(installed.resolve("lib/current"), copy.build().name());

    World.Result result =
        world.run(
            List.of(installed.resolve("bin/peers").toString(), "--version"), world.home(), "");

    assertThat(result.err()).isEmpty();
    assertThat(result.code()).isZero();
    assertThat(world.start(launcher(installed), world.directory("eel"), Map.of()).initialize())
        .isNotNull();
  }

  @Test
  void aSessionWhoseProgramIsGoneSaysSo() throws IOException {
    Path installed = world.directory("installed");
    CopiedInstallation.in(installed);
    RawSession eel = world.start(launcher(installed), world.directory("eel"), Map.of());
    eel.initialize();
    PrivateFiles.deleteTree(installed);
    world.killBroker();

    JsonNode answer = eel.ask("tools/call", Map.of("name", "whoami", "arguments", Map.of()));

    assertThat(answer.at("/error/message").asText())
        .contains(installed.resolve("lib").toString(), "is gone", "install Peers again");
    // Another one on the PATH is as good.
    world.join("owl");
    assertThat(eel.id()).startsWith("eel-");
  }

  @Test
  void aJdkThatIsGoneIsReplacedByAnother() throws Exception {
    // A newer JVM opens files of its directory to start a process: a session says so, and ends.
    Path release = Path.of(System.getProperty("peers.java.home"), "release");
    assumeThat(Files.readString(release)).contains("JAVA_VERSION=\"17");
    RawSession owl = world.join("owl");
    Path jdk = world.directory("jdks").resolve("small");
    run(
        Path.of(System.getProperty("peers.java.home"), "bin", "jlink").toString(),
        "--add-modules",
        "java.base",
        "--output",
        jdk.toString());
    RawSession eel =
        world.start(
            launcher(Path.of(System.getProperty("peers.home"))),
            world.directory("eel"),
            Map.of(
                "JAVA_HOME",
                jdk.toString(),
                "PATH",
                Path.of(System.getProperty("peers.java.home"), "bin")
                    + ":"
                    + System.getenv("PATH")));
    eel.initialize();
    String eelId = eel.id();
    owl.close();
    PrivateFiles.deleteTree(jdk);
    long broker = world.brokerPid().orElseThrow();
    world.killBroker();

    assertThat(eel.id()).isEqualTo(eelId);
    assertThat(world.brokerPid().orElseThrow()).isNotEqualTo(broker);
  }

  @Test
  void theProgramThatRunsIsThatOfTheJarAndNotOfAnOldArchive() throws IOException {
    CopiedInstallation installed =
        CopiedInstallation.in(world.directory("installed")).withArchives();
    replaceClass(
        installed.build().relayJar(),
        "dev.peers.relay",
        "Relay",
        "System.out.println(\"{\\\"replaced\\\":true}\");");
    replaceClass(
        installed.build().jar(), "dev.peers.cli", "Main", "System.out.println(\"replaced\");");

    World.Result relay = world.run(installed.relay(), world.home(), "");
    World.Result command =
        world.run(
            List.of(installed.root().resolve("bin/peers").toString(), "status"), world.home(), "");

    assertThat(relay.out()).isEqualTo("{\"replaced\":true}\n");
    assertThat(command.out()).isEqualTo("replaced\n");
  }

  /** A main program that does something else, in place of the one in a jar. */
  private void replaceClass(Path jar, String inPackage, String name, String body)
      throws IOException {
    Path source = world.directory("source-" + name).resolve(name + ".java");
    Files.writeString(
        source,
        "package "
            + inPackage
            + "; public final class "
            + name
            + " { public static void main(String[] args) { "
            + body
            + " } }");
    Path classes = world.directory("classes-" + name);
    int code =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, "--release", "17", "-d", classes.toString(), source.toString());
    assertThat(code).isZero();
    String entry = inPackage.replace('.', '/') + "/" + name + ".class";
    try (FileSystem zip = FileSystems.newFileSystem(URI.create("jar:" + jar.toUri()), Map.of())) {
      Files.delete(zip.getPath(entry));
      Files.copy(classes.resolve(entry), zip.getPath(entry));
    }
  }

  private static List<String> launcher(Path installation) {
    return List.of(installation.resolve("bin/peers-mcp").toString());
  }

  private static void copyOver(Path from, Path to) throws Exception {
    run("cp", "-r", from + "/.", to + "/");
    assertThat(Files.exists(to.resolve("lib/current"), LinkOption.NOFOLLOW_LINKS)).isTrue();
  }

  private static void run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).inheritIO().start();
    assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
  }

  private String version() {
    return BrokerInfo.read(world.files().lock()).orElseThrow().version();
  }
}
