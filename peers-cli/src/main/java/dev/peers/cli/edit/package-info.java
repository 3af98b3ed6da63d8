/** Changes of configuration files that keep everything else in them as it is. */
@NullMarked
package dev.peers.cli.edit;

import org.jspecify.annotations.NullMarked;
