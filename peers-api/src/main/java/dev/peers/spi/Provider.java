package dev.peers.spi;

/**
 * What all providers have in common. Providers have a public constructor without parameters that
 * does next to nothing: they are made just to be asked their name.
 *
 * @since 0.1
 */
public interface Provider {
  /**
   * The name by which users select it, such as {@code sqlite}.
   *
   * @return lower-case letters, digits and {@code -}; always the same
   */
  String name();
}
