package dev.peers.cli.shell;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/**
 * Writes the manual page of a command and its subcommands from what their help is written from. Not
 * thread-safe.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/groff_man.7.html">groff_man(7)</a>
 */
final class ManPage {
  private final String version;
  private final List<String> lines = new ArrayList<>();

  ManPage(String version) {
    this.version = version;
  }

  /** The page, in the language of {@code groff -man}. */
  List<String> lines(CommandSpec root) {
    UsageMessageSpec usage = root.usageMessage();
    // The macro's own fields: title, section, date (none: builds are reproducible), source, manual.
    lines.add(
        ".TH "
            + root.name().toUpperCase(Locale.ROOT)
            + " 1 \"\" \""
            + root.name()
            + " "
            + escaped(version)
            + "\" \"User Commands\"");
    lines.add(".SH NAME");
    lines.add(root.name() + " \\- " + escaped(String.join(" ", usage.header())));
    lines.add(".SH SYNOPSIS");
    lines.add(".B " + root.name());
    lines.add(".I COMMAND");
    lines.add("[options]");
    lines.add(".SH DESCRIPTION");
    description(usage);
    arguments(root);
    lines.add(".SH COMMANDS");
    subcommands(root);
    lines.add(".SH EXAMPLES");
    examples(usage);
    lines.add(".SH EXIT STATUS");
    usage
        .exitCodeList()
        .forEach(
            (code, meaning) -> {
              lines.add(".TP");
              lines.add(".B " + code);
              text(meaning);
            });
    return List.copyOf(lines);
  }

  private void subcommands(CommandSpec parent) {
    parent
        .subcommands()
        .values()
        .forEach(
            line -> {
              CommandSpec command = line.getCommandSpec();
              UsageMessageSpec usage = command.usageMessage();
              if (usage.hidden()) {
                return;
              }
              lines.add(".SS " + escaped(synopsis(command)));
              description(usage);
              arguments(command);
              examples(usage);
              subcommands(command);
            });
  }

  private static String synopsis(CommandSpec command) {
    return command.qualifiedName()
        + (command.subcommands().isEmpty() ? "" : " COMMAND")
        + (command.options().isEmpty() ? "" : " [options]")
        + command.positionalParameters().stream()
            .map(argument -> " " + argument.paramLabel())
            .collect(Collectors.joining());
  }

  private void description(UsageMessageSpec usage) {
    for (String paragraph : usage.description()) {
      lines.add(".PP");
      text(paragraph);
    }
  }

  private void arguments(CommandSpec command) {
    command
        .positionalParameters()
        .forEach(argument -> argument(".I " + escaped(argument.paramLabel()), argument));
    for (OptionSpec option : command.options()) {
      if (!option.hidden()) {
        String label = option.arity().max() > 0 ? " " + option.paramLabel() : "";
        argument(".B " + escaped(String.join(", ", option.names()) + label), option);
      }
    }
  }

  private void argument(String title, ArgSpec argument) {
    lines.add(".TP");
    lines.add(title);
    Arrays.stream(argument.description()).forEach(this::text);
  }

  private void examples(UsageMessageSpec usage) {
    if (usage.footer().length > 0) {
      lines.add(".PP");
      lines.add(".EX");
      Arrays.stream(usage.footer()).forEach(this::text);
      lines.add(".EE");
    }
  }

  /** A text of the help; there a percent sign starts a format, of which only %n is used. */
  private void text(String text) {
    String plain = String.format(text);
    plain.lines().filter(line -> !line.isBlank()).forEach(line -> lines.add(escaped(line)));
  }

  /** What would be a command of the language, and what it would print otherwise, as it is. */
  private static String escaped(String text) {
    String safe = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq");
    return safe.startsWith(".") ? "\\&" + safe : safe;
  }
}
