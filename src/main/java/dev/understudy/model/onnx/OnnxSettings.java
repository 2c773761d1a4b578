package dev.understudy.model.onnx;

import java.time.Duration;

/**
 * How models are loaded and rows read.
 *
 * @param retryAfter how long a version that failed to load is left alone before it is tried again
 */
public record OnnxSettings(UnknownFeatures unknownFeatures, Duration retryAfter) {
    public OnnxSettings {
        if (retryAfter.isNegative() || retryAfter.isZero()) {
            throw new IllegalArgumentException("models.retry-after must be positive, was " + retryAfter);
        }
    }

    /** For the pipeline: unknown features are ignored; a failed load is tried again after 30 seconds. */
    public static OnnxSettings pipeline() {
        return new OnnxSettings(UnknownFeatures.IGNORE, Duration.ofSeconds(30));
    }

    /** For trying a model: unknown features are refused. */
    public static OnnxSettings strict() {
        return new OnnxSettings(UnknownFeatures.REFUSE, Duration.ofSeconds(30));
    }
}
