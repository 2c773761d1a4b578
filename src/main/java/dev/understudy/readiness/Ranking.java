package dev.understudy.readiness;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Orders candidates of the same production, best first: by verdict, then by the lower bounds of accuracy, Brier score and
 * typical latency, which unlike the observed values do not favour whoever has little data. An order among candidates, not
 * a test between them.
 */
public final class Ranking {
    private static final List<Verdict> BEST_FIRST =
            List.of(Verdict.READY, Verdict.NOT_READY, Verdict.HOLD, Verdict.REJECT);

    private Ranking() {}

    /** What a candidate is ordered by; a bound is null where there is none. */
    public record Ranked(
            String candidate,
            Verdict verdict,
            @Nullable Double accuracyBound,
            @Nullable Double brierBound,
            @Nullable Double latencyBound) {}

    /** The candidates, best first. */
    public static List<Ranked> order(Collection<Ranked> candidates) {
        return candidates.stream()
                .sorted(Comparator.comparingInt((Ranked ranked) -> BEST_FIRST.indexOf(ranked.verdict()))
                        .thenComparingDouble(ranked -> -orWorst(ranked.accuracyBound()))
                        .thenComparingDouble(ranked -> -orWorst(ranked.brierBound()))
                        .thenComparingDouble(ranked -> -orWorst(ranked.latencyBound()))
                        .thenComparing(Ranked::candidate))
                .toList();
    }

    private static double orWorst(@Nullable Double bound) {
        return bound == null ? Double.NEGATIVE_INFINITY : bound;
    }
}
