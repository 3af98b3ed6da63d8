package dev.peers.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.junit.jupiter.api.Test;

class RequestBodyTest {
  private final Queue<Content.Chunk> arrived = new ArrayDeque<>();
  private final List<Runnable> limits = new ArrayList<>();
  private final List<Object> heard = new ArrayList<>();
  private final ByteBudget budget = new ByteBudget(100);
  private Runnable demand;
  private final RequestBody body = new RequestBody(request(), timer());

  @Test
  void aBodyIsReadAsItComes() {
    read();
    come("{\"a\"", false);
    assertThat(budget.taken()).isEqualTo(4);
    come(":1}", true);

    assertThat(heard).containsExactly("{\"a\":1}");
    assertThat(budget.taken()).isZero();
  }

  @Test
  void aClientThatWasTooSlowIsReadFromUntilItHasSentAll() {
    read();
    come("{", false);
    limits.get(0).run();
    assertThat(heard).singleElement().isInstanceOfSatisfying(HttpError.class, e -> is(e, 408));
    assertThat(budget.taken()).isZero();

    // Jetty takes no second demand while there is one.
    body.drain(() -> heard.add("drained"));
    come("}", false);
    assertThat(heard).hasSize(1);
    come("", true);
    assertThat(heard).hasSize(2).last().isEqualTo("drained");
  }

  @Test
  void aClientThatIsRefusedForWantOfRoomIsReadFromUntilItHasSentAll() {
    read();
    come("x".repeat(101), false);
    assertThat(heard).singleElement().isInstanceOfSatisfying(HttpError.class, e -> is(e, 503));

    body.drain(() -> heard.add("drained"));
    come("y".repeat(1_000), true);
    assertThat(heard).hasSize(2).last().isEqualTo("drained");
    assertThat(budget.taken()).isZero();
  }

  @Test
  void drainingEndsWithItsTime() {
    body.drain(() -> heard.add("drained"));
    limits.get(0).run();

    assertThat(heard).containsExactly("drained");
  }

  private static void is(HttpError e, int status) {
    assertThat(e.status).isEqualTo(status);
  }

  private void read() {
    body.read(budget, bytes -> heard.add(new String(bytes, StandardCharsets.UTF_8)), heard::add);
  }

  private void come(String text, boolean last) {
    arrived.add(Content.Chunk.from(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), last));
    Runnable due = demand;
    demand = null;
    if (due != null) {
      due.run();
    }
  }

  private Request request() {
    return (Request)
        Proxy.newProxyInstance(
            Request.class.getClassLoader(),
            new Class<?>[] {Request.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "getLength" -> -1L;
                  case "read" -> arrived.poll();
                  case "demand" -> {
                    assertThat(demand).as("a demand is pending").isNull();
                    demand = (Runnable) arguments[0];
                    yield null;
                  }
                  default -> throw new UnsupportedOperationException(method.toString());
                });
  }

  /** One whose time comes when the test says so. */
  private ScheduledExecutorService timer() {
    return (ScheduledExecutorService)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {ScheduledExecutorService.class},
            (proxy, method, arguments) -> {
              limits.add((Runnable) arguments[0]);
              return Proxy.newProxyInstance(
                  getClass().getClassLoader(),
                  new Class<?>[] {ScheduledFuture.class},
                  (future, call, none) -> true);
            });
  }
}
