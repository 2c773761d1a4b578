/** Flags from the Flagsmith service, evaluated here. */
@NullMarked
package dev.understudy.flags.flagsmith;

import org.jspecify.annotations.NullMarked;
