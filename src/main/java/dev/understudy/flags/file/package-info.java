/** Flags from a file, under LaunchDarkly's own evaluator. */
@NullMarked
package dev.understudy.flags.file;

import org.jspecify.annotations.NullMarked;
