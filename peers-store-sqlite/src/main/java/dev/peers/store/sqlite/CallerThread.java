package dev.peers.store.sqlite;

import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;

/** What is known of the thread that calls. */
final class CallerThread {
  // Looked up by name: this code is compiled for 17. Null where there are no virtual threads.
  private static final @Nullable Method IS_VIRTUAL = isVirtual();

  private CallerThread() {}

  /**
   * Whether it may wait for the disk. A virtual thread that is in native code keeps its carrier, of
   * which there are few; one that is interrupted would have the JDK close the files it uses.
   */
  static boolean mayWrite() {
    Thread caller = Thread.currentThread();
    return !caller.isInterrupted() && !isVirtual(caller);
  }

  private static boolean isVirtual(Thread thread) {
    try {
      return IS_VIRTUAL != null && (boolean) IS_VIRTUAL.invoke(thread);
    } catch (ReflectiveOperationException e) {
      return true;
    }
  }

  private static @Nullable Method isVirtual() {
    try {
      return Runtime.version().feature() < 21 ? null : Thread.class.getMethod("isVirtual");
    } catch (NoSuchMethodException e) {
      throw new IllegalStateException("every JDK from 21 on has it", e);
    }
  }
}
