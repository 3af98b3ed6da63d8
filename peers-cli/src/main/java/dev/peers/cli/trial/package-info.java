/** A broker and sessions for a trial, apart from the user's own. */
@NullMarked
package dev.peers.cli.trial;

import org.jspecify.annotations.NullMarked;
