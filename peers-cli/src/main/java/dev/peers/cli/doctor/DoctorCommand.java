package dev.peers.cli.doctor;

import dev.peers.PeersException;
import dev.peers.cli.shell.BaseCommand;
import dev.peers.cli.shell.CommandIo;
import dev.peers.daemon.Config;
import dev.peers.local.IoReason;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code peers doctor}. */
@Command(
    name = "doctor",
    description = {
      "Find what keeps Peers from working here, and how to fix it.",
      "Checks settings, the JDK, the launcher, the broker and its files, disk, the live sessions,"
          + " the agents' configurations and the clock. Joins with a session of its own, and sends a"
          + " message between two sessions of a private broker. Nothing of it is left behind.",
      "Exits with 1 if something keeps Peers from working; warnings leave the exit code at 0."
    },
    footer = {"  peers doctor", "  peers doctor --json"})
public final class DoctorCommand extends BaseCommand {
  @Option(names = "--no-message", description = "Start nothing: no session, no broker, no message.")
  boolean withoutMessage;

  public DoctorCommand(CommandIo shell) {
    super(shell);
  }

  @Override
  public Integer call() {
    List<Finding> findings = examine();
    boolean healthy = findings.stream().noneMatch(f -> f.level() == Finding.Level.ERROR);
    if (json) {
      Map<String, Object> report = new LinkedHashMap<>();
      report.put("ok", healthy);
      report.put("findings", findings);
      shell.printJson(report);
    } else {
      findings.forEach(this::print);
    }
    return healthy ? OK : FAILED;
  }

  private List<Finding> examine() {
    List<Finding> findings = new ArrayList<>();
    findings.add(BrokerChecks.java());
    Config config;
    try {
      config = shell.config();
    } catch (PeersException e) {
      findings.add(
          Finding.error("settings", e.getMessage(), "change or unset it, then look again"));
      return findings;
    }
    BrokerChecks checkup = new BrokerChecks(config);
    findings.addAll(checked("settings", () -> List.of(checkup.settings())));
    findings.addAll(checked("launcher", () -> List.of(checkup.launcher())));
    findings.addAll(checked("files", checkup::files));
    findings.addAll(checked("disk", () -> List.of(checkup.disk())));
    findings.addAll(checked("broker", checkup::broker));
    // A session would meet the same obstacle, and only describe it in other words.
    boolean blocked = findings.stream().anyMatch(f -> f.level() == Finding.Level.ERROR);
    if (!withoutMessage && !blocked && config.url() == null) {
      findings.addAll(checked("session", () -> List.of(checkup.session())));
      findings.addAll(checked("message", () -> List.of(checkup.message())));
    }
    findings.addAll(checked("agents", () -> new AgentCheckup(config.environment()).findings()));
    findings.addAll(checked("clock", () -> List.of(new ClockCheckup(config).finding())));
    return findings;
  }

  /** What keeps one check from its end is a finding, and keeps no other from being made. */
  private static List<Finding> checked(String check, Supplier<List<Finding>> examination) {
    try {
      return examination.get();
    } catch (PeersException e) {
      return List.of(
          Finding.error(check, e.getMessage(), "fix that, then run 'peers doctor' again"));
    } catch (UncheckedIOException e) {
      return List.of(
          Finding.error(
              check,
              IoReason.of(Objects.requireNonNull(e.getCause())),
              "fix that, then run 'peers doctor' again"));
    }
  }

  private void print(Finding finding) {
    shell.print(
        "%-8s %-9s %s".formatted(finding.level().word(), finding.check(), finding.message()));
    if (finding.fix() != null) {
      shell.print(" ".repeat(19) + "fix: " + finding.fix());
    }
  }
}
