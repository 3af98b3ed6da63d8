package com.example.traced;

import dev.peers.Broker;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.concurrent.CompletionStage;

/** Another broker, whose calls it logs: which, how long it took, how it failed. No arguments. */
final class TracedBroker implements InvocationHandler {
  private static final System.Logger LOG = System.getLogger("com.example.traced");

  private final Broker broker;
  private final String end;

  private TracedBroker(Broker broker, String end) {
    this.broker = broker;
    this.end = end;
  }

  static Broker of(Broker broker, String end) {
    return (Broker)
        Proxy.newProxyInstance(
            Broker.class.getClassLoader(),
            new Class<?>[] {Broker.class},
            new TracedBroker(broker, end));
  }

  @Override
  public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
    long start = System.nanoTime();
    try {
      Object answer = method.invoke(broker, arguments);
      if (answer instanceof CompletionStage<?> later) {
        return later.whenComplete((value, failure) -> log(method, start, failure));
      }
      log(method, start, null);
      return answer;
    } catch (InvocationTargetException e) {
      log(method, start, e.getCause());
      throw e.getCause();
    }
  }

  private void log(Method method, long start, Throwable failure) {
    LOG.log(
        System.Logger.Level.INFO,
        "{0} {1} in {2} µs{3}",
        end,
        method.getName(),
        (System.nanoTime() - start) / 1_000,
        failure == null ? "" : ", failed: " + failure.getMessage());
  }
}
