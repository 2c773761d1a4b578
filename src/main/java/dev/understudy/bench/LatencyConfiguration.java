package dev.understudy.bench;

import dev.understudy.domain.DurationText;
import dev.understudy.kafka.Guarantee;
import java.time.Duration;
import java.util.Locale;

/** Settings of SCORE on which its latency depends. */
public record LatencyConfiguration(Guarantee guarantee, Duration commitInterval, Duration linger) {
    public LatencyConfiguration {
        if (commitInterval.toMillis() < 1) {
            throw new IllegalArgumentException(
                    "--commit-interval must be positive, was " + DurationText.format(commitInterval));
        }
        if (linger.isNegative()) {
            throw new IllegalArgumentException("--linger must be 0ms or more, was " + DurationText.format(linger));
        }
    }

    /** As the configuration writes it. */
    public String guaranteeName() {
        return guarantee.name().toLowerCase(Locale.ROOT);
    }

    /** The part of the configuration file that says it. */
    String yaml() {
        return "score: {guarantee: %s, commit-interval: %s, linger: %s}%n"
                .formatted(guaranteeName(), DurationText.format(commitInterval), DurationText.format(linger));
    }

    @Override
    public String toString() {
        return guaranteeName() + ", commit " + DurationText.format(commitInterval) + ", linger "
                + DurationText.format(linger);
    }
}
