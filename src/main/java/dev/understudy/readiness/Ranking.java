package dev.understudy.readiness;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Orders candidates of the same production, the one to go on with first. */
public final class Ranking {
    private static final Comparator<@Nullable Double> HIGHEST_FIRST =
            Comparator.nullsLast(Comparator.<Double>reverseOrder());

    private static final Comparator<Ranked> ORDER = Comparator.<Ranked>comparingInt(ranked -> place(ranked.verdict()))
            .thenComparing(Ranked::accuracyBound, HIGHEST_FIRST)
            .thenComparing(Ranked::brierBound, HIGHEST_FIRST)
            .thenComparing(Ranked::latencyBound, HIGHEST_FIRST)
            .thenComparing(Ranked::candidate);

    private Ranking() {}

    /**
     * What a candidate is ordered by: bounds, not observations, so that a lucky start does not lead.
     *
     * @param accuracyBound lower bound of the gate `accuracy`; null without outcomes
     * @param brierBound of the gate `brier`
     * @param latencyBound of the gate `typical-latency`
     */
    public record Ranked(
            String candidate,
            Verdict verdict,
            @Nullable Double accuracyBound,
            @Nullable Double brierBound,
            @Nullable Double latencyBound) {}

    /** READY before NOT_READY, HOLD and REJECT; then the bounds of accuracy, Brier and latency, the highest first; then by name. */
    public static List<Ranked> order(Collection<Ranked> candidates) {
        return candidates.stream().sorted(ORDER).toList();
    }

    private static int place(Verdict verdict) {
        return switch (verdict) {
            case READY -> 0;
            case NOT_READY -> 1;
            case HOLD -> 2;
            case REJECT -> 3;
        };
    }
}
