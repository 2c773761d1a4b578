package dev.understudy.shadow;

import dev.understudy.domain.ForkTarget;
import dev.understudy.domain.Task;
import dev.understudy.domain.VersionAnswer;
import org.jspecify.annotations.Nullable;

/**
 * Both sides of one target of a forked request.
 *
 * @param task what the model predicts; null when neither version could be loaded
 */
record ShadowedTarget(ForkTarget target, @Nullable Task task, VersionAnswer production, VersionAnswer candidate) {}
