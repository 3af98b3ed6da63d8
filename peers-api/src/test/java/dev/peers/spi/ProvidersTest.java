package dev.peers.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peers.ErrorCode;
import dev.peers.PeersException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProvidersTest {
  private static final String SERVICES = "META-INF/services/" + Fruit.class.getName();

  /** A kind of provider. */
  public interface Fruit extends Provider {}

  /** One provider. */
  public static final class Apple implements Fruit {
    @Override
    public String name() {
      return "apple";
    }
  }

  /** Another. */
  public static final class Pear implements Fruit {
    @Override
    public String name() {
      return "pear";
    }
  }

  /** Has the name of the first. */
  public static final class OtherApple implements Fruit {
    @Override
    public String name() {
      return "apple";
    }
  }

  /** Cannot be made. */
  public static final class Rotten implements Fruit {
    /** Fails. */
    public Rotten() {
      throw new IllegalStateException("worms");
    }

    @Override
    public String name() {
      return "rotten";
    }
  }

  @Test
  void selectsByName() {
    Providers<Fruit> fruit = providers(Apple.class, Pear.class);

    assertThat(fruit.named("pear")).isInstanceOf(Pear.class);
    assertThat(fruit.all()).hasExactlyElementsOfTypes(Apple.class, Pear.class);
    assertThat(fruit.problems()).isEmpty();
  }

  @Test
  void tellsWhatThereIsWhenSomethingIsMissing() {
    assertThatThrownBy(() -> providers(Apple.class, Pear.class).named("plum"))
        .isInstanceOfSatisfying(
            PeersException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.PROVIDER_UNAVAILABLE))
        .hasMessage(
            "there is no Fruit named 'plum'; available: apple, pear. Add a jar with "
                + SERVICES
                + " to the class path, or choose an available name");
    assertThatThrownBy(() -> providers().named("plum")).hasMessageContaining("available: none");
  }

  @Test
  void aBrokenProviderDoesNotHideTheOthers() {
    Providers<Fruit> fruit =
        named(Apple.class.getName(), Rotten.class.getName(), "no.such.Class", Pear.class.getName());

    assertThat(fruit.named("pear")).isInstanceOf(Pear.class);
    assertThat(fruit.problems()).hasSize(2);
    assertThatThrownBy(() -> fruit.named("rotten"))
        .hasMessageContaining("Not loaded: ")
        .hasMessageContaining("Rotten")
        .hasMessageContaining("worms")
        .hasMessageContaining("no.such.Class");
  }

  @Test
  void ofTwoWithOneNameTheFirstIsTakenAndTheOtherReported() {
    Providers<Fruit> fruit = providers(Apple.class, OtherApple.class);

    assertThat(fruit.named("apple")).isInstanceOf(Apple.class);
    assertThat(fruit.problems())
        .singleElement()
        .asString()
        .contains("OtherApple is passed over")
        .contains("has the name 'apple' already");
  }

  private static Providers<Fruit> providers(Class<?>... classes) {
    return named(List.of(classes).stream().map(Class::getName).toArray(String[]::new));
  }

  private static Providers<Fruit> named(String... names) {
    return Providers.of(Fruit.class, new ServicesLoader(String.join("\n", names)));
  }

  /** Shows this text as the services file. */
  private static final class ServicesLoader extends ClassLoader {
    private final String content;

    ServicesLoader(String content) {
      super(ProvidersTest.class.getClassLoader());
      this.content = content;
    }

    @Override
    public Enumeration<URL> getResources(String name) throws IOException {
      return name.equals(SERVICES)
          ? Collections.enumeration(List.of(url()))
          : super.getResources(name);
    }

    private URL url() throws MalformedURLException {
      return new URL(
          null,
          "memory:services",
          new URLStreamHandler() {
            @Override
            protected URLConnection openConnection(URL url) {
              return new URLConnection(url) {
                @Override
                public void connect() {}

                @Override
                public InputStream getInputStream() {
                  return new ByteArrayInputStream(content.getBytes(StandardCharsets.UTF_8));
                }
              };
            }
          });
    }
  }
}
