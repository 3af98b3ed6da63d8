/** The checks of {@code peers doctor}. */
@NullMarked
package dev.peers.cli.doctor;

import org.jspecify.annotations.NullMarked;
