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
import dev.peers.relay.Relay;
import java.net.URI;
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

  @Test
  void everyModuleDependsOnTheApiAndOnWhatItIsMadeFor() {
    Map<String, String[]> allowed =
        Map.of(
            "dev.peers.broker..",
            new String[] {},
            "dev.peers.store.sqlite..",
            new String[] {},
            "dev.peers.store.postgres..",
            new String[] {},
            "dev.peers.transport.http..",
            new String[] {},
            "dev.peers.client..",
            new String[] {"dev.peers.local.."},
            "dev.peers.summarizer.openai..",
            new String[] {},
            "dev.peers.mcp..",
            new String[] {"dev.peers.client.."});
    allowed.forEach(
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
  void theRelayNeedsNothingButJavaBase() {
    Set<String> modules = new TreeSet<>();
    for (JavaClass relay : CODE.that(resideInAPackage("dev.peers.mcp.relay"))) {
      relay
          .getDirectDependenciesFromSelf()
          .forEach(
              dependency -> {
                JavaClass target = dependency.getTargetClass().getBaseComponentType();
                String name = target.getPackageName();
                if (name.startsWith("java")) {
                  modules.add(moduleOf(target));
                } else if (!target.isPrimitive() && !name.startsWith("org.jspecify")) {
                  assertThat(name).isEqualTo("dev.peers.mcp.relay");
                }
              });
    }
    assertThat(modules).containsExactly("java.base");
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
        .resideOutsideOfPackages("dev.peers.cli", "dev.peers.mcp.relay")
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
    assertThat(homes).containsKeys("dev.peers", "dev.peers.spi", "dev.peers.mcp", "dev.peers.cli");
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
