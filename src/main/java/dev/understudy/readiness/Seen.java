package dev.understudy.readiness;

import dev.understudy.domain.Task;
import dev.understudy.evidence.Accuracy;
import dev.understudy.evidence.Arm;
import dev.understudy.evidence.BatchEvidence;
import dev.understudy.evidence.CandidateEvidence;
import dev.understudy.evidence.GateMetric;
import dev.understudy.evidence.GateStatistics;
import dev.understudy.evidence.LatencyPercentiles;
import dev.understudy.evidence.OutcomeEvidence;
import dev.understudy.evidence.PairEvidence;
import dev.understudy.evidence.SegmentEvidence;
import dev.understudy.evidence.Stickiness;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the policy reads of evidence, over all requests or in a segment; read once, since each statistic sums over buckets
 * exactly.
 *
 * @param comparisons whatever became of the candidate
 * @param mismatched pairs whose answers do not speak of the same thing
 * @param first event time of the earliest comparison; null without any
 * @param maturedRequests pairs old enough to have an outcome
 * @param labelled of them, those that have one
 * @param statistics of the gates that have any
 * @param unjudgeable gates that cannot pass, because of what they measure against: code by gate
 * @param servedShare indicator "served by the candidate"; null without any request, and in segments
 * @param stickiness null in segments
 */
record Seen(
        Set<Task> tasks,
        long comparisons,
        long answers,
        long invalidAnswers,
        long mismatched,
        @Nullable Instant first,
        @Nullable Instant last,
        long maturedRequests,
        long labelled,
        Map<Gate, GateStatistics> statistics,
        Map<Gate, String> unjudgeable,
        ServedArms arms,
        @Nullable GateStatistics servedShare,
        @Nullable Stickiness stickiness) {

    /**
     * Business values by the version that served, in units of the bound.
     *
     * @param bound empty where none was declared
     */
    record ServedArms(
            @Nullable GateStatistics production, @Nullable GateStatistics candidate, OptionalDouble bound) {
        static final ServedArms NONE = new ServedArms(null, null, OptionalDouble.empty());
    }

    static final String NO_REFERENCE = "NO_REFERENCE";
    static final String REFERENCE_IMPLAUSIBLE = "REFERENCE_IMPLAUSIBLE";

    /** Above so many times production's p99, hardly a batch counts as slow whatever the candidate does. */
    private static final double BLIND = 10;

    static Seen of(CandidateEvidence all, StageFacts stage, ReadinessSettings settings) {
        OutcomeEvidence outcomes = all.outcomes();
        Map<Gate, GateStatistics> statistics = new EnumMap<>(Gate.class);
        Map<Gate, String> unjudgeable = read(all.pairs(), outcomes, statistics);
        BatchEvidence batches = all.batches();
        put(statistics, Gate.TAIL_LATENCY, batches.statistics(GateMetric.TAIL_LATENCY));
        put(statistics, Gate.TYPICAL_LATENCY, batches.statistics(GateMetric.TYPICAL_LATENCY));
        String tailProblem = tailProblem(batches, settings);
        if (tailProblem != null) {
            unjudgeable.put(Gate.TAIL_LATENCY, tailProblem);
        }
        switch (settings.better().reading()) {
            case OFF -> {}
            case POINTS -> put(statistics, Gate.ACCURACY_BETTER, outcomes.statistics(GateMetric.ACCURACY));
            case RELATIVE ->
                put(
                        statistics,
                        Gate.ACCURACY_BETTER,
                        outcomes.relativeAccuracy(1 + settings.margin(Gate.ACCURACY_BETTER, stage)));
        }
        if (outcomes.businessBound().isEmpty()) {
            unjudgeable.put(Gate.BUSINESS, NO_REFERENCE);
        }
        ServedArms arms = new ServedArms(
                outcomes.arm(Arm.PRODUCTION).orElse(null),
                outcomes.arm(Arm.CANDIDATE).orElse(null),
                outcomes.businessBound());
        return of(
                all.pairs(),
                outcomes,
                statistics,
                unjudgeable,
                arms,
                all.exposure().servedShare().orElse(null),
                all.exposure().stickiness());
    }

    static Seen of(SegmentEvidence segment) {
        Map<Gate, GateStatistics> statistics = new EnumMap<>(Gate.class);
        Map<Gate, String> unjudgeable = read(segment.pairs(), segment.outcomes(), statistics);
        return of(segment.pairs(), segment.outcomes(), statistics, unjudgeable, ServedArms.NONE, null, null);
    }

    private static Seen of(
            PairEvidence pairs,
            OutcomeEvidence outcomes,
            Map<Gate, GateStatistics> statistics,
            Map<Gate, String> unjudgeable,
            ServedArms arms,
            @Nullable GateStatistics servedShare,
            @Nullable Stickiness stickiness) {
        Accuracy accuracy = outcomes.accuracy();
        return new Seen(
                pairs.tasks(),
                pairs.total(),
                pairs.answers(),
                pairs.invalidAnswers(),
                pairs.mismatched(),
                pairs.firstEvent().orElse(null),
                pairs.lastEvent().orElse(null),
                accuracy.requests(),
                accuracy.labelled(),
                statistics,
                unjudgeable,
                arms,
                servedShare,
                stickiness);
    }

    /** Fills in what segments know too; returns the gates that lack their reference, with the code. */
    private static Map<Gate, String> read(
            PairEvidence pairs, OutcomeEvidence outcomes, Map<Gate, GateStatistics> into) {
        for (Gate gate : Gate.values()) {
            GateMetric metric = gate.metric();
            if (gate.inSegments() && metric != null) {
                put(
                        into,
                        gate,
                        gate.source() == Gate.Source.PAIRS ? pairs.statistics(metric) : outcomes.statistics(metric));
            }
        }
        Map<Gate, String> unjudgeable = new EnumMap<>(Gate.class);
        if (outcomes.valueBound().isEmpty()) {
            unjudgeable.put(Gate.ABSOLUTE_ERROR, NO_REFERENCE);
        }
        return unjudgeable;
    }

    /**
     * Why the tail cannot be judged. τ is production's p99, so about one in a hundred of its batches exceeds it; where more
     * than one in ten does, or τ is far above all of them, the gate would compare something else, and pass by it.
     */
    private static @Nullable String tailProblem(BatchEvidence batches, ReadinessSettings settings) {
        if (batches.tailNanos().isEmpty()) {
            return NO_REFERENCE;
        }
        long tail = batches.tailNanos().getAsLong();
        LatencyPercentiles production = batches.productionLatency();
        Double p90 = production.p90Nanos();
        Double p99 = production.p99Nanos();
        if (production.count() < settings.minimumRequests() || p90 == null || p99 == null) {
            return null;
        }
        return p90 > tail || tail > BLIND * p99 ? REFERENCE_IMPLAUSIBLE : null;
    }

    private static void put(Map<Gate, GateStatistics> into, Gate gate, Optional<GateStatistics> statistics) {
        statistics.ifPresent(seen -> into.put(gate, seen));
    }

    /** Event time from the first to the last comparison. */
    Duration span() {
        return first == null || last == null ? Duration.ZERO : Duration.between(first, last);
    }

    /** Too few of the matured requests have an outcome, or none has matured: outcomes may be a biased choice. */
    boolean labelsImmature(ReadinessSettings settings) {
        return maturedRequests == 0 || labelled < settings.coverage() * maturedRequests;
    }
}
