package dev.peers.broker;

import dev.peers.ProcessRef;
import java.util.Optional;

/** Asks the operating system about processes. */
final class SystemProcessProbe implements ProcessProbe {
  @Override
  public boolean isAlive(ProcessRef process) {
    return find(process).filter(ProcessHandle::isAlive).isPresent();
  }

  @Override
  public Optional<ProcessRef> parentOf(ProcessRef process) {
    return find(process).flatMap(ProcessHandle::parent).map(SystemProcessProbe::refer);
  }

  private static Optional<ProcessHandle> find(ProcessRef process) {
    return ProcessHandle.of(process.pid()).filter(handle -> process.isSame(refer(handle)));
  }

  private static ProcessRef refer(ProcessHandle handle) {
    return new ProcessRef(handle.pid(), handle.info().startInstant().orElse(null));
  }
}
