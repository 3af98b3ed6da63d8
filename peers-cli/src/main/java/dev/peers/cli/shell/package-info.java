/** What all commands share: input and output, tables, completion and the manual. */
@NullMarked
package dev.peers.cli.shell;

import org.jspecify.annotations.NullMarked;
