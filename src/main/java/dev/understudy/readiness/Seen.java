package dev.understudy.readiness;

import dev.understudy.domain.Task;
import dev.understudy.evidence.Accuracy;
import dev.understudy.evidence.Arm;
import dev.understudy.evidence.BatchEvidence;
import dev.understudy.evidence.CandidateEvidence;
import dev.understudy.evidence.GateMetric;
import dev.understudy.evidence.GateStatistics;
import dev.understudy.evidence.OutcomeEvidence;
import dev.understudy.evidence.PairEvidence;
import dev.understudy.evidence.SegmentEvidence;
import dev.understudy.evidence.Stickiness;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.EnumSet;
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
 * @param withoutReference gates that nothing can answer, because what they measure against was not declared
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
        Set<Gate> withoutReference,
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

    static Seen of(CandidateEvidence all, StageFacts stage, ReadinessSettings settings) {
        OutcomeEvidence outcomes = all.outcomes();
        Map<Gate, GateStatistics> statistics = new EnumMap<>(Gate.class);
        Set<Gate> withoutReference = read(all.pairs(), outcomes, statistics);
        BatchEvidence batches = all.batches();
        put(statistics, Gate.TAIL_LATENCY, batches.statistics(GateMetric.TAIL_LATENCY));
        put(statistics, Gate.TYPICAL_LATENCY, batches.statistics(GateMetric.TYPICAL_LATENCY));
        if (batches.tailNanos().isEmpty()) {
            withoutReference.add(Gate.TAIL_LATENCY);
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
            withoutReference.add(Gate.BUSINESS);
        }
        ServedArms arms = new ServedArms(
                outcomes.arm(Arm.PRODUCTION).orElse(null),
                outcomes.arm(Arm.CANDIDATE).orElse(null),
                outcomes.businessBound());
        return of(
                all.pairs(),
                outcomes,
                statistics,
                withoutReference,
                arms,
                all.exposure().servedShare().orElse(null),
                all.exposure().stickiness());
    }

    static Seen of(SegmentEvidence segment) {
        Map<Gate, GateStatistics> statistics = new EnumMap<>(Gate.class);
        Set<Gate> withoutReference = read(segment.pairs(), segment.outcomes(), statistics);
        return of(segment.pairs(), segment.outcomes(), statistics, withoutReference, ServedArms.NONE, null, null);
    }

    private static Seen of(
            PairEvidence pairs,
            OutcomeEvidence outcomes,
            Map<Gate, GateStatistics> statistics,
            Set<Gate> withoutReference,
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
                withoutReference,
                arms,
                servedShare,
                stickiness);
    }

    /** Fills in what segments know too; returns the gates that lack their reference. */
    private static Set<Gate> read(PairEvidence pairs, OutcomeEvidence outcomes, Map<Gate, GateStatistics> into) {
        for (Gate gate : Gate.values()) {
            GateMetric metric = gate.metric();
            if (gate.inSegments() && metric != null) {
                put(
                        into,
                        gate,
                        gate.source() == Gate.Source.PAIRS ? pairs.statistics(metric) : outcomes.statistics(metric));
            }
        }
        Set<Gate> withoutReference = EnumSet.noneOf(Gate.class);
        if (outcomes.valueBound().isEmpty()) {
            withoutReference.add(Gate.ABSOLUTE_ERROR);
        }
        return withoutReference;
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
