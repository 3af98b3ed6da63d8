package dev.peers.client;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Tells what kind of project a directory holds, by the names in it. Opens no file. */
final class ProjectTypes {
  private static final int MAX_ENTRIES = 500;
  private static final int MAX_LANGUAGES = 3;

  private static final Map<String, String> BUILD_FILES = buildFiles();
  private static final Map<String, String> LANGUAGES = languages();
  private static final Set<String> NOT_THE_PROJECTS =
      Set.of("node_modules", "target", "build", "dist", "out", "vendor", "venv", "__pycache__");

  private ProjectTypes() {}

  /**
   * Looks at a directory.
   *
   * @param top the project's top directory
   * @param deep whether to look into the directories at the top, too
   * @param names further names of files in the project
   * @return kinds of build first, then the most used languages
   */
  static List<String> of(Path top, boolean deep, Collection<String> names) {
    Set<String> types = new LinkedHashSet<>();
    Map<String, Integer> languages = new LinkedHashMap<>();
    names.forEach(name -> count(languages, name));
    List<Path> directories = new ArrayList<>();
    int left = MAX_ENTRIES;
    Set<String> found = new LinkedHashSet<>();
    for (Path entry : entries(top, left)) {
      left--;
      String name = String.valueOf(entry.getFileName());
      if (!Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
        found.add(name);
        count(languages, name);
      } else if (!name.startsWith(".") && !NOT_THE_PROJECTS.contains(name)) {
        directories.add(entry);
      }
    }
    BUILD_FILES.forEach(
        (file, type) -> {
          if (found.contains(file)) {
            types.add(type);
          }
        });
    if (deep) {
      directories.sort(Comparator.naturalOrder());
      for (Path directory : directories) {
        for (Path entry : entries(directory, left)) {
          left--;
          count(languages, String.valueOf(entry.getFileName()));
        }
      }
    }
    languages.entrySet().stream()
        .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
        .limit(MAX_LANGUAGES)
        .forEach(language -> types.add(language.getKey()));
    return List.copyOf(types);
  }

  /** Whether a type is told by a build file; the others are languages. */
  static boolean isBuild(String type) {
    return BUILD_FILES.containsValue(type);
  }

  private static void count(Map<String, Integer> languages, String name) {
    String extension = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    String language = name.indexOf('.') < 0 ? null : LANGUAGES.get(extension);
    if (language != null) {
      languages.merge(language, 1, Integer::sum);
    }
  }

  private static List<Path> entries(Path directory, int max) {
    List<Path> entries = new ArrayList<>();
    if (max <= 0) {
      return entries;
    }
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
      for (Path entry : stream) {
        entries.add(entry);
        if (entries.size() >= max) {
          break;
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      // What cannot be listed counts as empty.
    }
    return entries;
  }

  private static Map<String, String> buildFiles() {
    Map<String, String> files = new LinkedHashMap<>();
    files.put("pom.xml", "Maven");
    files.put("build.gradle", "Gradle");
    files.put("build.gradle.kts", "Gradle");
    files.put("settings.gradle", "Gradle");
    files.put("settings.gradle.kts", "Gradle");
    files.put("build.sbt", "sbt");
    files.put("MODULE.bazel", "Bazel");
    files.put("WORKSPACE", "Bazel");
    files.put("Cargo.toml", "Rust");
    files.put("go.mod", "Go");
    files.put("pyproject.toml", "Python");
    files.put("setup.py", "Python");
    files.put("requirements.txt", "Python");
    files.put("Gemfile", "Ruby");
    files.put("composer.json", "PHP");
    files.put("mix.exs", "Elixir");
    files.put("Package.swift", "Swift");
    files.put("pubspec.yaml", "Dart");
    files.put("CMakeLists.txt", "CMake");
    files.put("meson.build", "Meson");
    files.put("deno.json", "Deno");
    files.put("package.json", "Node.js");
    return files;
  }

  private static Map<String, String> languages() {
    Map<String, String> languages = new LinkedHashMap<>();
    name(languages, "Java", "java");
    name(languages, "Kotlin", "kt", "kts");
    name(languages, "Scala", "scala");
    name(languages, "Groovy", "groovy");
    name(languages, "Clojure", "clj", "cljs");
    name(languages, "TypeScript", "ts", "tsx", "mts", "cts");
    name(languages, "JavaScript", "js", "jsx", "mjs", "cjs");
    name(languages, "Python", "py");
    name(languages, "Go", "go");
    name(languages, "Rust", "rs");
    name(languages, "C", "c", "h");
    name(languages, "C++", "cpp", "cc", "cxx", "hpp", "hh");
    name(languages, "C#", "cs");
    name(languages, "F#", "fs");
    name(languages, "Swift", "swift");
    name(languages, "Ruby", "rb");
    name(languages, "PHP", "php");
    name(languages, "Elixir", "ex", "exs");
    name(languages, "Haskell", "hs");
    name(languages, "Dart", "dart");
    name(languages, "Lua", "lua");
    name(languages, "Perl", "pl", "pm");
    name(languages, "Shell", "sh", "bash", "zsh");
    name(languages, "SQL", "sql");
    name(languages, "Zig", "zig");
    return languages;
  }

  private static void name(Map<String, String> languages, String language, String... extensions) {
    for (String extension : extensions) {
      languages.put(extension, language);
    }
  }
}
