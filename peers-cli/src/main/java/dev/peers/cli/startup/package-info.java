/** This installation: where it is, its copies, and the archives that make its starts faster. */
@NullMarked
package dev.peers.cli.startup;

import org.jspecify.annotations.NullMarked;
