package dev.peers.cli.edit;

import java.util.List;

/**
 * The text of a configuration file after an edit.
 *
 * @param text the whole text
 * @param lines what has changed, and nothing else of the text: headers after {@code @@}, what was
 *     taken out after a minus sign, what was put in after a plus sign
 */
public record Edited(String text, List<String> lines) {
  public Edited {
    lines = List.copyOf(lines);
  }
}
