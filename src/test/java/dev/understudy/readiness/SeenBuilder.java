package dev.understudy.readiness;

import dev.understudy.domain.Task;
import dev.understudy.evidence.GateStatistics;
import dev.understudy.evidence.Stickiness;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Evidence given by its statistics. Starts as that of a candidate with which nothing is wrong, at 5 %, after 40 hours. */
final class SeenBuilder {
    static final Instant START = Instant.parse("2026-11-01T00:00:00Z");

    Set<Task> tasks = Set.of(Task.BINARY);
    long comparisons = 40_000;
    long answers = 80_000;
    long invalidAnswers;
    long mismatched;

    @Nullable
    Instant first = START;

    @Nullable
    Instant last = START.plus(Duration.ofHours(40));

    long matured = 30_000;
    long labelled = 29_000;
    final Map<Gate, GateStatistics> statistics = new EnumMap<>(Gate.class);
    final Map<Gate, String> unjudgeable =
            new EnumMap<>(Map.of(Gate.ABSOLUTE_ERROR, "NO_REFERENCE", Gate.BUSINESS, "NO_REFERENCE"));
    Seen.ServedArms arms = Seen.ServedArms.NONE;

    @Nullable
    GateStatistics servedShare = statistics(40_000, 0.05, 0.0475, 20_000);

    @Nullable
    Stickiness stickiness = new Stickiness(1_000, 0);

    private SeenBuilder() {}

    static SeenBuilder good() {
        SeenBuilder seen = new SeenBuilder();
        seen.statistics.put(Gate.ERRORS, statistics(40_000, 0, 0.0004, 20_000));
        seen.statistics.put(Gate.FLIPS, statistics(40_000, -0.01, 0.0099, 20_000));
        seen.statistics.put(Gate.SCORE_SHIFT, statistics(40_000, -0.02, 0.0004, 20_000));
        seen.statistics.put(Gate.TAIL_LATENCY, statistics(20_000, 0, 0.002, 4_000));
        seen.statistics.put(Gate.TYPICAL_LATENCY, statistics(20_000, 0, 0.001, 4_000));
        seen.statistics.put(Gate.ACCURACY, statistics(29_000, 0.004, 0.02, 15_000));
        seen.statistics.put(Gate.BRIER, statistics(29_000, 0.001, 0.002, 15_000));
        return seen;
    }

    static SeenBuilder segment() {
        SeenBuilder seen = new SeenBuilder();
        seen.comparisons = 4_000;
        seen.matured = 3_000;
        seen.labelled = 2_900;
        seen.servedShare = null;
        seen.stickiness = null;
        seen.statistics.put(Gate.ERRORS, statistics(4_000, 0, 0.0004, 2_000));
        seen.statistics.put(Gate.FLIPS, statistics(4_000, -0.01, 0.0099, 2_000));
        seen.statistics.put(Gate.SCORE_SHIFT, statistics(4_000, -0.02, 0.0004, 2_000));
        seen.statistics.put(Gate.ACCURACY, statistics(2_900, 0.004, 0.02, 1_500));
        seen.statistics.put(Gate.BRIER, statistics(2_900, 0.001, 0.002, 1_500));
        return seen;
    }

    static SeenBuilder nothing() {
        SeenBuilder seen = new SeenBuilder();
        seen.tasks = Set.of();
        seen.comparisons = 0;
        seen.answers = 0;
        seen.first = null;
        seen.last = null;
        seen.matured = 0;
        seen.labelled = 0;
        seen.servedShare = null;
        seen.stickiness = new Stickiness(0, 0);
        return seen;
    }

    SeenBuilder with(Gate gate, GateStatistics seen) {
        statistics.put(gate, seen);
        return this;
    }

    SeenBuilder arms(@Nullable GateStatistics production, @Nullable GateStatistics candidate, double bound) {
        arms = new Seen.ServedArms(production, candidate, OptionalDouble.of(bound));
        unjudgeable.remove(Gate.BUSINESS);
        return this;
    }

    Seen build() {
        return new Seen(
                tasks,
                comparisons,
                answers,
                invalidAnswers,
                mismatched,
                first,
                last,
                matured,
                labelled,
                new EnumMap<>(statistics),
                new EnumMap<>(unjudgeable),
                arms,
                servedShare,
                stickiness);
    }

    /** Independent requests of many entities. */
    static GateStatistics statistics(long n, double mean, double s2, long users) {
        return new GateStatistics(n, mean, s2, s2 / n, s2 / n, 0, 60, users);
    }

    /** −1 for a share of independent requests, else 0. */
    static GateStatistics share(long n, double share, long users) {
        return statistics(n, -share, share * (1 - share), users);
    }
}
