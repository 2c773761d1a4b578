/** Flags from the LaunchDarkly service. */
@NullMarked
package dev.understudy.flags.launchdarkly;

import org.jspecify.annotations.NullMarked;
