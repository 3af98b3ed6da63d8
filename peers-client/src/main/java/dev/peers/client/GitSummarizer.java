package dev.peers.client;

import dev.peers.UntrustedText;
import dev.peers.Workspace;
import dev.peers.spi.Summarizer;
import dev.peers.spi.WorkContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Puts what git tells into words, without a model. Stateless. */
final class GitSummarizer implements Summarizer {
  private static final int MAX_CHARS = 400;
  private static final int MAX_NAME = 60;
  private static final int MAX_SUBJECT = 120;
  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{7}");

  @Override
  public Optional<String> summarize(WorkContext context) {
    List<String> sentences = new ArrayList<>();
    place(context).ifPresent(sentences::add);
    work(context).ifPresent(sentences::add);
    return sentences.isEmpty()
        ? Optional.empty()
        : Optional.of(UntrustedText.line(String.join(" ", sentences), MAX_CHARS));
  }

  /** Outside git there is something to say only of a project. */
  private static Optional<String> place(WorkContext context) {
    Workspace workspace = context.workspace();
    String project = UntrustedText.line(workspace.project(), MAX_NAME);
    String kind = kind(context.projectTypes());
    String branch = workspace.gitBranch();
    if (branch != null) {
      String at = COMMIT.matcher(branch).matches() ? "At commit " : "On branch ";
      return Optional.of(at + UntrustedText.line(branch, MAX_NAME) + " of " + project + kind + ".");
    }
    boolean known = workspace.gitRoot() != null || !kind.isEmpty();
    return known ? Optional.of("In " + project + kind + ".") : Optional.empty();
  }

  private static String kind(List<String> types) {
    List<String> builds = types.stream().filter(ProjectTypes::isBuild).limit(2).toList();
    List<String> languages =
        types.stream().filter(type -> !ProjectTypes.isBuild(type)).limit(3).toList();
    if (builds.isEmpty() && languages.isEmpty()) {
      return "";
    }
    String build = builds.isEmpty() ? "project" : String.join(" and ", builds) + " project";
    String in = languages.isEmpty() ? "" : " in " + listed(languages);
    return (isVowel(build.charAt(0)) ? ", an " : ", a ") + build + in;
  }

  private static Optional<String> work(WorkContext context) {
    List<String> commits = context.recentCommits();
    String files;
    if (!context.modifiedFiles().isEmpty()) {
      files = "changing " + some(context.modifiedFiles());
    } else if (!context.recentFiles().isEmpty()) {
      files = "lately in " + some(context.recentFiles());
    } else {
      files = "";
    }
    if (commits.isEmpty()) {
      return files.isEmpty()
          ? Optional.empty()
          : Optional.of(Character.toUpperCase(files.charAt(0)) + files.substring(1) + ".");
    }
    String subject = UntrustedText.line(commits.get(0), MAX_SUBJECT);
    if (subject.endsWith(".")) {
      subject = subject.substring(0, subject.length() - 1);
    }
    return Optional.of("Last commit: " + subject + (files.isEmpty() ? "" : "; " + files) + ".");
  }

  /** The first file by its name alone, the others by their number. */
  private static String some(List<String> files) {
    String first = files.get(0);
    String name = UntrustedText.line(first.substring(first.lastIndexOf('/') + 1), MAX_NAME);
    int others = files.size() - 1;
    if (files.size() >= GitContext.MAX_FILES) {
      return name + " and many more files";
    }
    return switch (others) {
      case 0 -> name;
      case 1 -> name + " and 1 more file";
      default -> name + " and " + others + " more files";
    };
  }

  private static String listed(List<String> words) {
    int last = words.size() - 1;
    return last == 0
        ? words.get(0)
        : String.join(", ", words.subList(0, last)) + " and " + words.get(last);
  }

  private static boolean isVowel(char letter) {
    return "AEIOUaeiou".indexOf(letter) >= 0;
  }
}
