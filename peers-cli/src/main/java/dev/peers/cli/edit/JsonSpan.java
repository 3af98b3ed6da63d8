package dev.peers.cli.edit;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a value stands in a JSON text.
 *
 * @param start its first character
 * @param end the character after its last one
 * @param children what an object or an array holds
 */
record JsonSpan(int start, int end, List<Child> children) {
  JsonSpan {
    children = List.copyOf(children);
  }

  /**
   * A member of an object or an item of an array.
   *
   * @param name the member's name; null for an item
   * @param start where the name begins, or the item
   * @param value the value
   * @param comma where the comma after it is, or -1
   */
  record Child(@Nullable String name, int start, JsonSpan value, int comma) {}
}
