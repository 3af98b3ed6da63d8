package dev.peers.cli;

import dev.peers.ErrorCode;
import dev.peers.PeersException;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Calls public methods and constructors with values that make no sense, one parameter at a time,
 * and collects what they do other than they should: null, unless it is allowed, has to be refused
 * as an invalid argument; an extreme value may be taken or refused, with a PeersException and
 * nothing else. What waits is given a moment and then interrupted.
 */
final class EntryPoints implements AutoCloseable {
  private static final Set<String> PASSED_OVER =
      Set.of("equals", "compareTo", "valueOf", "close", "shutdown", "wait");

  private final Map<Class<?>, Object> values;
  private final Map<Class<?>, List<?>> extremes;
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "test-entry-point");
            thread.setDaemon(true);
            return thread;
          });
  private final List<String> faults = new ArrayList<>();
  private int calls;

  /**
   * Makes a caller.
   *
   * @param values a value that makes sense for each type of a parameter
   * @param extremes for some types values that hardly make sense
   */
  EntryPoints(Map<Class<?>, Object> values, Map<Class<?>, List<?>> extremes) {
    this.values = values;
    this.extremes = extremes;
  }

  /** What was wrong, each with the call. */
  List<String> faults() {
    return faults;
  }

  /** How many calls were made. */
  int calls() {
    return calls;
  }

  /** Constructors and static methods of a class. */
  void tryStatics(Class<?> type) {
    if (!Modifier.isAbstract(type.getModifiers())) {
      for (Constructor<?> constructor : type.getConstructors()) {
        attempt(type.getSimpleName(), constructor, constructor::newInstance);
      }
    }
    for (Method method : type.getMethods()) {
      if (Modifier.isStatic(method.getModifiers()) && method.getDeclaringClass() == type) {
        attempt(type.getSimpleName(), method, arguments -> method.invoke(null, arguments));
      }
    }
  }

  /** The methods that a type declares, on an object. */
  void tryMethods(Class<?> type, Object target) {
    for (Method method : type.getMethods()) {
      if (!Modifier.isStatic(method.getModifiers()) && method.getDeclaringClass() != Object.class) {
        attempt(
            target.getClass().getSimpleName(),
            method,
            arguments -> method.invoke(target, arguments));
      }
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }

  private interface Call {
    @Nullable Object with(Object[] arguments) throws ReflectiveOperationException;
  }

  private void attempt(String owner, Executable executable, Call call) {
    Parameter[] parameters = executable.getParameters();
    if (parameters.length == 0
        || PASSED_OVER.contains(executable.getName())
        || executable.isSynthetic()) {
      return;
    }
    executable.setAccessible(true);
    for (int i = 0; i < parameters.length; i++) {
      Class<?> type = parameters[i].getType();
      String what =
          owner + "." + executable.getName() + Arrays.toString(names(parameters)) + "#" + i;
      if (!type.isPrimitive() && !isNullable(parameters[i])) {
        Throwable thrown = outcome(call, arguments(parameters, i, null, what));
        if (!(thrown instanceof PeersException e) || e.code() != ErrorCode.INVALID_ARGUMENT) {
          faults.add(what + " with null: " + thrown);
        }
      }
      for (Object extreme : extremes.getOrDefault(type, List.of())) {
        Throwable thrown = outcome(call, arguments(parameters, i, extreme, what));
        if (thrown != null && !(thrown instanceof PeersException)) {
          faults.add(what + " with " + shown(extreme) + ": " + thrown);
        }
      }
    }
  }

  private Object[] arguments(
      Parameter[] parameters, int place, @Nullable Object value, String what) {
    Object[] arguments = new Object[parameters.length];
    for (int i = 0; i < parameters.length; i++) {
      Class<?> type = parameters[i].getType();
      arguments[i] = i == place ? value : values.get(type);
      if (arguments[i] == null && i != place && !isNullable(parameters[i])) {
        throw new AssertionError("no value for " + type + " in " + what);
      }
    }
    return arguments;
  }

  /** What a call throws; null for nothing, or if it waits. */
  private @Nullable Throwable outcome(Call call, Object[] arguments) {
    calls++;
    Future<?> future =
        threads.submit(
            () -> {
              Object answer = call.with(arguments);
              if (answer instanceof CompletionStage<?> stage) {
                stage.toCompletableFuture().get();
              } else if (answer instanceof dev.peers.Subscription open) {
                open.close();
              }
              return null;
            });
    try {
      future.get(500, TimeUnit.MILLISECONDS);
      return null;
    } catch (TimeoutException e) {
      future.cancel(true);
      return null;
    } catch (ExecutionException e) {
      Throwable thrown = e.getCause();
      while (thrown instanceof InvocationTargetException || thrown instanceof ExecutionException) {
        thrown = thrown.getCause();
      }
      return thrown;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static boolean isNullable(Parameter parameter) {
    AnnotatedElement type = parameter.getAnnotatedType();
    return type.isAnnotationPresent(Nullable.class);
  }

  private static Object[] names(Parameter[] parameters) {
    return Arrays.stream(parameters).map(p -> p.getType().getSimpleName()).toArray();
  }

  private static String shown(Object value) {
    String text = String.valueOf(value);
    return text.length() > 60 ? text.substring(0, 60) + "…" : text;
  }
}
