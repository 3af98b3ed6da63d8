package dev.peers.cli;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import dev.peers.relay.Relay;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The rules of ARCHITECTURE.md that a machine can check. */
class ArchitectureTest {
  private static final JavaClasses CODE =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(location -> !location.contains("-tests.jar!"))
          .importPackages("dev.peers");

  /** Each module's packages, and what they may use of Peers beside themselves and the API. */
  private static final Map<String, List<String>> ARROWS =
      Map.ofEntries(
          Map.entry("dev.peers.broker..", List.of()),
          Map.entry("dev.peers.store.sqlite..", List.of()),
          Map.entry("dev.peers.store.postgres..", List.of()),
          Map.entry("dev.peers.transport.http..", List.of()),
          Map.entry(
              "dev.peers.server.http..",
              List.of("dev.peers.transport.http.wire..", "dev.peers.transport.http.linkage..")),
          Map.entry("dev.peers.summarizer.openai..", List.of()),
          Map.entry("dev.peers.tck..", List.of()),
          Map.entry("dev.peers.client..", List.of("dev.peers.local..")),
          Map.entry("dev.peers.mcp..", List.of("dev.peers.client..", "dev.peers.local..")),
          Map.entry(
              "dev.peers.daemon..",
              List.of(
                  "dev.peers.broker..",
                  "dev.peers.mcp",
                  "dev.peers.client..",
                  "dev.peers.local..")),
          Map.entry(
              "dev.peers.cli..",
              List.of(
                  "dev.peers.daemon..",
                  "dev.peers.client..",
                  "dev.peers.relay..",
                  "dev.peers.local..")));

  @Test
  void everyModuleDependsOnTheApiAndOnWhatItIsMadeFor() {
    ARROWS.forEach(
        (module, others) -> {
          var own = resideInAPackage(module);
          var api = resideInAPackage("dev.peers").or(resideInAPackage("dev.peers.spi"));
          var stranger = resideInAPackage("dev.peers..").and(DescribedPredicate.not(own.or(api)));
          for (String other : others) {
            stranger = stranger.and(resideOutsideOfPackage(other));
          }
          noClasses().that(own).should().dependOnClassesThat(stranger).check(CODE);
        });
  }

  @Test
  void noPackagesDependOnEachOtherInACircle() {
    SlicesRuleDefinition.slices()
        .matching("dev.peers.(**)")
        .should()
        .beFreeOfCycles()
        .check(CODE.that(resideOutsideOfPackage("dev.peers.spi")));
  }

  @Test
  void onlyTheListOfCommandsKnowsThePackagesOfCommands() {
    List<String> packages =
        List.of("message", "peers", "broker", "startup", "install", "doctor", "demo");
    // A command may use another's parts; what all share knows none of them.
    noClasses()
        .that()
        .resideInAnyPackage("dev.peers.cli.shell", "dev.peers.cli.edit", "dev.peers.cli.trial")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            packages.stream().map(name -> "dev.peers.cli." + name).toArray(String[]::new))
        .check(CODE);
    noClasses()
        .that()
        .resideInAPackage("dev.peers.cli.*..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.peers.cli")
        .check(CODE);
  }

  @Test
  void theApiKnowsNeitherItsSpiNorAnybodyElse() {
    noClasses()
        .that()
        .resideInAPackage("dev.peers")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.peers.*..")
        .check(CODE);
    classes()
        .that()
        .resideInAnyPackage("dev.peers", "dev.peers.spi")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage("dev.peers", "dev.peers.spi", "java..", "org.jspecify..")
        .check(CODE);
  }

  @Test
  void theRelayAndWhatItSharesNeedNothingButJavaBase() {
    assertThat(modulesOf("dev.peers.local", Set.of("dev.peers.local")))
        .containsExactly("java.base");
    assertThat(modulesOf("dev.peers.relay", Set.of("dev.peers.relay", "dev.peers.local")))
        .containsExactly("java.base");
  }

  private static Set<String> modulesOf(String from, Set<String> own) {
    Set<String> modules = new TreeSet<>();
    for (JavaClass each : CODE.that(resideInAPackage(from))) {
      each.getDirectDependenciesFromSelf()
          .forEach(
              dependency -> {
                JavaClass target = dependency.getTargetClass().getBaseComponentType();
                String name = target.getPackageName();
                if (name.startsWith("java")) {
                  modules.add(moduleOf(target));
                } else if (!target.isPrimitive() && !name.startsWith("org.jspecify")) {
                  assertThat(own).contains(name);
                }
              });
    }
    return modules;
  }

  @Test
  void onlyTheMainProgramsEndTheProcess() {
    noClasses()
        .that()
        .doNotBelongToAnyOf(Main.class, Relay.class)
        .should()
        .callMethod(System.class, "exit", int.class)
        .orShould()
        .callMethod(Runtime.class, "exit", int.class)
        .orShould()
        .callMethod(Runtime.class, "halt", int.class)
        .check(CODE);
  }

  @Test
  void onlyTheCommandLineAndTheRelayUseTheStandardStreams() {
    noClasses()
        .that()
        .resideOutsideOfPackages("dev.peers.cli..", "dev.peers.relay")
        .should()
        .accessField(System.class, "out")
        .orShould()
        .accessField(System.class, "err")
        .orShould()
        .callMethod(System.class, "getenv")
        .orShould()
        .callMethod(System.class, "getenv", String.class)
        .check(CODE);
  }

  @Test
  void noPackageIsSplitOverModules() {
    Map<String, Set<URI>> homes = new TreeMap<>();
    for (JavaClass each : CODE) {
      each.getSource()
          .ifPresent(
              source ->
                  homes
                      .computeIfAbsent(each.getPackageName(), name -> new TreeSet<>())
                      .add(home(source.getUri(), each)));
    }
    assertThat(homes)
        .containsKeys("dev.peers", "dev.peers.spi", "dev.peers.mcp.link", "dev.peers.cli.install");
    homes.forEach((name, places) -> assertThat(places).as(name).hasSize(1));
  }

  private static URI home(URI source, JavaClass each) {
    String path = each.getName().replace('.', '/') + ".class";
    String text = source.toString();
    return URI.create(text.substring(0, text.length() - path.length()));
  }

  private static String moduleOf(JavaClass target) {
    return String.valueOf(target.reflect().getModule().getName());
  }
}
