package dev.peers.client;

import static dev.peers.Arguments.required;

import dev.peers.UntrustedText;
import dev.peers.Workspace;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What this machine is called, among those that share a network of peers.
 *
 * @since 0.1
 */
public final class HostName {
  private static final Path LINUX = Path.of("/proc/sys/kernel/hostname");

  private HostName() {}

  /**
   * Finds the name: what the user calls it, else what the system does.
   *
   * @param environment environment variables; {@code CLAUDE_PEERS_MACHINE} goes first
   * @return one line of at most {@link Workspace#MAX_HOST_LENGTH} characters, never blank
   */
  public static String of(Map<String, String> environment) {
    return given(required("environment", environment).get("CLAUDE_PEERS_MACHINE"))
        .or(HostName::fromKernel)
        .or(() -> given(environment.get("HOSTNAME")))
        .or(() -> given(environment.get("COMPUTERNAME")))
        .or(HostName::fromResolver)
        .orElse("localhost");
  }

  /** Asked where it can be, since a resolver may be slow. */
  private static Optional<String> fromKernel() {
    try {
      return Files.isReadable(LINUX) ? given(Files.readString(LINUX)) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static Optional<String> fromResolver() {
    try {
      return given(InetAddress.getLocalHost().getHostName());
    } catch (UnknownHostException e) {
      return Optional.empty();
    }
  }

  private static Optional<String> given(@Nullable String name) {
    if (name == null) {
      return Optional.empty();
    }
    String line = UntrustedText.line(name, Workspace.MAX_HOST_LENGTH);
    return line.isBlank() ? Optional.empty() : Optional.of(line);
  }
}
