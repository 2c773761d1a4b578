package dev.understudy.flags.launchdarkly;

import dev.understudy.flags.Routing;
import org.jspecify.annotations.Nullable;

/**
 * A routing with what was wrong on the way to it.
 *
 * @param unusable how many of the flags' answers could not be used
 * @param complaint what was wrong with the last of them, for people; null when nothing was
 */
record Answer(Routing routing, int unusable, @Nullable String complaint) {}
