package dev.peers.cli;

import java.util.Optional;

/** What Peers adds to the text of a configuration file, and takes out again. */
interface ConfigEdit {
  /**
   * The text with what is ours in it, up to date.
   *
   * @param text what the file holds, empty for a new one
   * @return the same text if there is nothing to do
   * @throws UnreadableConfig if the text cannot be edited safely
   */
  String installed(String text) throws UnreadableConfig;

  /**
   * The text without what is ours.
   *
   * @param text what the file holds
   * @param former what it held before the first change: what was empty then stays when it is empty
   * @return the same text if there is nothing of ours in it
   * @throws UnreadableConfig if the text cannot be edited safely
   */
  String removed(String text, String former) throws UnreadableConfig;

  /**
   * The program that the text names for what is ours.
   *
   * @param text what the file holds
   * @return its path or name; empty if there is nothing of ours, or it names none
   * @throws UnreadableConfig if the text cannot be understood
   */
  Optional<String> program(String text) throws UnreadableConfig;
}
