package dev.peers.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peers.Workspace;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/** A repository that git itself made, in a directory of the test's. */
record TestRepository(Path top) {
  static TestRepository in(Path directory) throws Exception {
    TestRepository repository = new TestRepository(Files.createDirectories(directory));
    repository.git("init", "-q", "-b", "main");
    return repository;
  }

  Workspace workspace() {
    return GitWorkspace.at(top);
  }

  TestRepository write(String name, String content) throws Exception {
    Path file = top.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
    return this;
  }

  TestRepository commit(String subject) throws Exception {
    git("add", "-A");
    git("commit", "-q", "--allow-empty", "-m", subject);
    return this;
  }

  void git(String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(List.of("git", "-c", "user.name=t", "-c", "user.email=t@localhost"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(top.toFile()).redirectErrorStream(true);
    // What a repository has git run may read.
    builder.redirectInput(new File("/dev/null"));
    builder.environment().keySet().removeIf(name -> name.startsWith("GIT_"));
    builder.environment().put("GIT_CONFIG_GLOBAL", "/dev/null");
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
  }

  static Path script(Path file, String... lines) throws Exception {
    Files.writeString(file, "#!/bin/sh\n" + String.join("\n", lines) + "\n");
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
  }
}
