/** {@code peers demo}. */
@NullMarked
package dev.peers.cli.demo;

import org.jspecify.annotations.NullMarked;
