/**
 * Summaries from a model behind an OpenAI-compatible API: {@link
 * dev.peers.summarizer.openai.OpenAiSummarizerProvider} is available where there is a key. {@code
 * docs/summaries.md} lists what is sent.
 *
 * @since 0.1
 */
@NullMarked
package dev.peers.summarizer.openai;

import org.jspecify.annotations.NullMarked;
