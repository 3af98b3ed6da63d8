package dev.peers.cli;

import dev.peers.PeersException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code peers doctor}. */
@Command(
    name = "doctor",
    description = {
      "Look for what keeps Peers from working here, and say how to mend it.",
      "Checks settings, the JDK, the launcher, the broker and its files, disk, the live sessions,"
          + " the agents' configurations, the clock,"
          + " and sends itself a message through a real session, which starts a broker if none runs.",
      "Exits with 1 if something keeps Peers from working; warnings leave the exit code at 0."
    },
    footer = {"  peers doctor", "  peers doctor --json"})
final class DoctorCommand extends ShellCommand {
  @Option(names = "--no-message", description = "Do not send a message, and start nothing.")
  boolean withoutMessage;

  DoctorCommand(Shell shell) {
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
    findings.add(Checkup.java());
    Config config;
    try {
      config = shell.config();
    } catch (PeersException e) {
      findings.add(
          Finding.error("settings", e.getMessage(), "change or unset it, then look again"));
      return findings;
    }
    Checkup checkup = new Checkup(config);
    findings.add(checkup.settings());
    findings.add(checkup.launcher());
    findings.addAll(checkup.files());
    findings.add(checkup.disk());
    findings.addAll(checkup.broker());
    // A session would meet the same obstacle, and only say it in other words.
    boolean blocked = findings.stream().anyMatch(f -> f.level() == Finding.Level.ERROR);
    if (!withoutMessage && !blocked && config.url() == null) {
      findings.add(checkup.message());
    }
    findings.addAll(new AgentCheckup(config.environment()).findings());
    findings.add(new ClockCheckup(config).finding());
    return findings;
  }

  private void print(Finding finding) {
    shell.print(
        "%-8s %-9s %s".formatted(finding.level().word(), finding.check(), finding.message()));
    if (finding.fix() != null) {
      shell.print(" ".repeat(19) + "fix: " + finding.fix());
    }
  }
}
