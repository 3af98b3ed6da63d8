package dev.peers.cli;

import static dev.peers.tck.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.peers.local.BrokerInfo;
import dev.peers.local.ProgramFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The files that make starts faster: used where they are, and never missed. */
class FastStartIT {
  // Of the JDK that the executables run on, which need not be that of the tests.
  private static final boolean AOT = jdk() >= 25;

  private final World world = new World();

  @AfterEach
  void end() {
    world.close();
  }

  @Test
  void theBuildsArchivesAreUsedByRelayAndBroker() throws IOException {
    RawSession eel = world.join("eel");

    assertThat(mapped(eel.process().pid())).contains(archive("relay"));
    assertThat(mapped(world.brokerPid().orElseThrow()))
        .contains(archive("broker"))
        .contains("/start/")
        .contains("libsqlitejdbc.so");
  }

  /**
   * What a relay loads from jars is what a start pays for; with its archive that is next to
   * nothing.
   */
  @Test
  void aRelayLoadsItsClassesFromTheArchive() throws IOException {
    Path loaded = world.file("classes");
    world.join("owl");
    RawSession eel =
        world.start(
            relay("-Xlog:class+load:file=" + quoted(loaded)), world.directory("eel"), Map.of());
    eel.initialize();
    eel.call("list_peers", Map.of("scope", "machine"));
    eel.close();

    List<String> lines = Files.readAllLines(loaded);
    assertThat(lines).anyMatch(line -> line.contains("dev.peers.relay.Relay "));
    assertThat(lines).filteredOn(line -> !line.contains("shared objects file")).hasSizeLessThan(20);
    if (AOT) {
      // Such a cache brings all classes that any relay needs, and linked.
      return;
    }
    // The JVM alone has some four hundred and fifty, the way to the socket as many.
    assertThat(lines).hasSizeLessThan(1_100);
    assertThat(lines)
        .noneMatch(line -> line.contains("dev.peers.") && line.contains("$$Lambda"))
        .noneMatch(line -> line.contains("java.util.regex.Pattern$"))
        .noneMatch(line -> line.contains("ProcessHandleImpl"));
  }

  @Test
  void anArchiveThatIsGarbageOrOfAnotherJarIsPassedOver() throws IOException {
    Path cache = world.home().resolve(".cache/claude-peers");
    Path own = CopiedInstallation.start(CopiedInstallation.original());
    try (Stream<Path> jdks = Files.list(own)) {
      for (Path jdk : jdks.toList()) {
        Path fake = cache.resolve(CopiedInstallation.original().name()).resolve(jdk.getFileName());
        Files.createDirectories(fake);
        Files.writeString(fake.resolve(archive("relay")), "no archive");
        Files.writeString(fake.resolve(archive("broker")), "no archive either");
        Files.writeString(fake.resolve("libsqlitejdbc.so"), "no library");
      }
    }

    RawSession eel = world.join("eel");
    RawSession owl = world.join("owl");
    owl.call("send_message", Map.of("targetPeerId", eel.id(), "message", "All the same?"));

    eel.awaitPush("All the same?");
    // Nothing but JSON came on standard output, or the session would not have been read.
    assertThat(eel.pushes()).hasSize(1);
  }

  @Test
  void whatAUserSetsOfArchivesStandsAlone() throws IOException {
    // With an AOT cache beside it a JVM would not start.
    world.with("JAVA_TOOL_OPTIONS", "-Xshare:auto");

    RawSession eel = world.join("eel");

    assertThat(mapped(eel.process().pid())).doesNotContain(archive("relay"));
    assertThat(mapped(world.brokerPid().orElseThrow())).doesNotContain(archive("broker"));
  }

  @Test
  void filesOfAnotherPlaceArePassedOverAndMadeAgainInPlace() throws Exception {
    Path copy = world.directory("moved peers");
    Process cp =
        new ProcessBuilder("cp", "-r", System.getProperty("peers.home") + "/.", copy + "/")
            .inheritIO()
            .start();
    assertThat(cp.waitFor()).isZero();
    ProgramFiles build = Objects.requireNonNull(ProgramFiles.current(copy.resolve("lib")));
    Path start = CopiedInstallation.start(build);
    try (World elsewhere = new World(copy)) {
      RawSession owl = elsewhere.join("owl");
      assertThat(mapped(owl.process().pid())).doesNotContain("/start/");
      assertThat(mapped(elsewhere.brokerPid().orElseThrow())).doesNotContain("/start/");
      owl.close();
      elsewhere.killBroker();
      // What one that was killed has left, and what another is still at.
      Path left = Files.createDirectories(start.resolve("new-999999999-1/home"));
      Path other =
          Files.createDirectories(start.resolve("new-" + ProcessHandle.current().pid() + "-2"));
      World.Result made = elsewhere.peers("prepare");

      assertThat(made.err()).isEmpty();
      assertThat(made.code()).isZero();
      assertThat(left.getParent()).doesNotExist();
      assertThat(other).exists();
      try (Stream<Path> files = Files.walk(build.directory())) {
        assertThat(files.filter(file -> file.endsWith(archive("relay"))))
            .allMatch(file -> file.startsWith(start))
            .hasSize(1);
      }
      assertThat(elsewhere.home().resolve(".cache")).doesNotExist();
      RawSession eel = elsewhere.join("eel");
      assertThat(mapped(eel.process().pid())).contains(start + "/");
      assertThat(mapped(elsewhere.brokerPid().orElseThrow())).contains(start + "/");
    }
  }

  @Test
  void aTrainingThatIsEndedLeavesNoBrokerAndNoFiles() throws Exception {
    CopiedInstallation copy = CopiedInstallation.in(world.directory("copy"));
    Path version = CopiedInstallation.start(copy.build());
    ProcessBuilder builder =
        new ProcessBuilder(copy.root().resolve("bin/peers").toString(), "prepare")
            .directory(world.home().toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD);
    builder.environment().clear();
    builder.environment().putAll(world.environment());
    Process prepare = builder.start();
    List<BrokerInfo> brokers = new ArrayList<>();
    try {
      eventually(
          "its broker runs",
          () -> {
            unfinished(version)
                .flatMap(work -> BrokerInfo.read(work.resolve("home/peers.lock")).stream())
                .forEach(brokers::add);
            return !brokers.isEmpty();
          });
    } finally {
      prepare.destroy();
    }

    assertThat(prepare.waitFor()).isNotZero();
    eventually("its broker is gone", () -> ProcessHandle.of(brokers.get(0).pid()).isEmpty());
    assertThat(unfinished(version)).isEmpty();
  }

  private static Stream<Path> unfinished(Path version) {
    if (!Files.exists(version)) {
      return Stream.empty();
    }
    try (Stream<Path> files = Files.list(version)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("new-"))
          .toList()
          .stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The files a process has in its memory, where the system tells. */
  private static String mapped(long pid) throws IOException {
    Path maps = Path.of("/proc/" + pid + "/maps");
    assumeTrue(Files.isReadable(maps));
    return Files.readString(maps);
  }

  private static int jdk() {
    try {
      Path release = Path.of(System.getProperty("peers.java.home"), "release");
      Properties properties = new Properties();
      properties.load(Files.newBufferedReader(release));
      String version = properties.getProperty("JAVA_VERSION").replace("\"", "");
      return Runtime.Version.parse(version).feature();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String archive(String program) {
    return program + (AOT ? ".aot" : ".jsa");
  }

  /** A relay as the launcher starts it, with one more option. */
  private static List<String> relay(String option) throws IOException {
    Path lib = CopiedInstallation.original().directory();
    Path start = CopiedInstallation.start(CopiedInstallation.original());
    Path archive;
    try (Stream<Path> jdks = Files.list(start)) {
      archive = jdks.findFirst().orElseThrow().resolve(archive("relay"));
    }
    return List.of(
        Path.of(System.getProperty("peers.java.home"), "bin", "java").toString(),
        "@" + lib.resolve("relay.args"),
        (AOT ? "-XX:AOTCache=" : "-XX:SharedArchiveFile=") + archive,
        option,
        "-cp",
        lib.resolve("peers-relay.jar").toString(),
        "dev.peers.relay.Relay");
  }

  private static String quoted(Path path) {
    return "\"" + path + "\"";
  }
}
