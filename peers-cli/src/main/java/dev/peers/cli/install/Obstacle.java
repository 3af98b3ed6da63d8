package dev.peers.cli.install;

import java.nio.file.Path;

/**
 * Something that keeps an agent from doing what the configuration that Peers wrote says.
 *
 * @param file the file that decides
 * @param what what it says, after the file's name
 * @param fix what to do about it
 */
public record Obstacle(Path file, String what, String fix) {
  public String message() {
    return file + " " + what;
  }
}
