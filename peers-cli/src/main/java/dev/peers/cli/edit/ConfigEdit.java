package dev.peers.cli.edit;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What Peers adds to the text of a configuration file, and takes out again. */
public interface ConfigEdit {
  /**
   * The text with what is ours in it, up to date.
   *
   * @param text what the file holds, empty for a new one
   * @return the same text if there is nothing to do
   * @throws UnreadableConfig if the text cannot be edited safely
   */
  Edited installed(String text) throws UnreadableConfig;

  /**
   * The text without what is ours.
   *
   * @param text what the file holds
   * @param former what it held before the first installation, without anything of ours: what was
   *     empty then stays when it is empty, and what an installation has replaced comes back; null
   *     if that is not known
   * @return the same text if there is nothing of ours in it
   * @throws UnreadableConfig if the text cannot be edited safely
   */
  Edited removed(String text, @Nullable String former) throws UnreadableConfig;

  /**
   * Whether an installation of Peers, this one or another, has edited the text. An entry of the
   * same name that starts another program is not ours.
   *
   * @param text what the file holds
   * @throws UnreadableConfig if the text cannot be understood
   */
  boolean isInstalled(String text) throws UnreadableConfig;

  /**
   * Whether the text says nothing at all.
   *
   * @param text what the file holds
   */
  boolean isEmpty(String text);

  /**
   * Whether two texts say the same, differ in nothing but white space, and have the same comments,
   * but for those within the entry of the server.
   *
   * @param text what the file holds
   * @param other what it may have held before
   */
  boolean isSame(String text, String other);

  /**
   * The program that the text names for what is ours.
   *
   * @param text what the file holds
   * @return its path or name; empty if there is nothing of ours, or it names none
   * @throws UnreadableConfig if the text cannot be understood
   */
  Optional<String> program(String text) throws UnreadableConfig;
}
