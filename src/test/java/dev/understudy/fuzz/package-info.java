/** Damaged input for everything that reads foreign input. */
@NullMarked
package dev.understudy.fuzz;

import org.jspecify.annotations.NullMarked;
