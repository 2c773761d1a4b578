package dev.understudy.shadow;

import dev.understudy.domain.ForkTarget;
import dev.understudy.domain.Task;
import dev.understudy.domain.VersionAnswer;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Both sides of one target of a forked request.
 *
 * @param models what the versions predict
 * @param times of a like-for-like trial, on the first of its rows; else null
 * @param features as text, for people; empty unless configured
 */
record ShadowedTarget(
        ForkTarget target,
        Models models,
        VersionAnswer production,
        VersionAnswer candidate,
        @Nullable BatchTimes times,
        Map<String, String> features) {

    /**
     * What the versions of a target predict.
     *
     * @param task null when neither version could be loaded
     * @param classes class names; of a binary model the positive one is the second. Empty for regression and where
     *     neither version could be loaded
     * @param mismatch why the answers cannot be compared; null when they can, and while that is not known
     */
    record Models(
            @Nullable Task task,
            List<String> classes,
            @Nullable String mismatch) {}
}
