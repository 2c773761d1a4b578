/** Mergeable integer evidence of pairs. JDK only. */
@NullMarked
package dev.understudy.evidence;

import org.jspecify.annotations.NullMarked;
