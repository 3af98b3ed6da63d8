/** Recipes: what a JVM program does to take part. Each runs as it stands, and in the tests. */
@NullMarked
package dev.peers.examples;

import org.jspecify.annotations.NullMarked;
