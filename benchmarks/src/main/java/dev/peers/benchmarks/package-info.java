/** Measures the inner pieces; {@code benchmarks/run} says how to run it. */
@NullMarked
package dev.peers.benchmarks;

import org.jspecify.annotations.NullMarked;
