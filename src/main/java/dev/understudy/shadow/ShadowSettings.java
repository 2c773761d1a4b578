package dev.understudy.shadow;

import java.time.Duration;
import java.util.List;

/**
 * How candidates are scored in shadow.
 *
 * @param loadTimeout how long a version may take to load before its requests count as failed
 * @param likeForLikeShare share of batches, 0 to 1, on which production is run beside the candidate to compare latency
 * @param disagreementFeatures names of the features that comparisons carry as text; none by default
 */
public record ShadowSettings(Duration loadTimeout, double likeForLikeShare, List<String> disagreementFeatures) {
    public ShadowSettings {
        if (loadTimeout.isNegative() || loadTimeout.isZero()) {
            throw new IllegalArgumentException("shadow.load-timeout must be positive, was " + loadTimeout);
        }
        if (!(likeForLikeShare >= 0 && likeForLikeShare <= 1)) {
            throw new IllegalArgumentException("shadow.like-for-like-share must be 0 to 1, was " + likeForLikeShare);
        }
        disagreementFeatures = List.copyOf(disagreementFeatures);
    }

    /** 30 s to load, a tenth of the batches like for like, no features. */
    public static ShadowSettings standard() {
        return new ShadowSettings(Duration.ofSeconds(30), 0.1, List.of());
    }
}
