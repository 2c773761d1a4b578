package dev.understudy.evaluate;

import dev.understudy.avro.ReadinessSummary;
import dev.understudy.domain.DeclaredStage;
import dev.understudy.domain.ModelPair;
import dev.understudy.evidence.CandidateEvidence;
import dev.understudy.evidence.EvidenceShape;
import dev.understudy.evidence.PairEvidence;
import dev.understudy.evidence.SegmentEvidence;
import dev.understudy.readiness.InputHealth;
import dev.understudy.readiness.ReadinessPolicy;
import dev.understudy.readiness.StageFacts;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Asks the policy about a pair and its segments, and writes the decisions as records. */
final class ReadinessJudge {
    private final EvaluateSettings settings;
    private final ReadinessPolicy policy;
    private final Provenance provenance;

    /**
     * What no topic tells, only the running stage and its clock.
     *
     * @param heardAt when a comparison was last heard of, wall-clock; null when not since start
     * @param lag how old what is read is, while something is read; null while all is read
     * @param candidates that have a declared stage beside the same production, with this one
     */
    record Circumstances(
            @Nullable Instant heardAt, @Nullable Duration lag, int candidates) {}

    /**
     * What is known of the inputs, apart from the evidence.
     *
     * @param flagsStaleSince since when the flags that decide may be out of date; null while they are fresh
     * @param outcomes over all pairs
     * @param read how far, by partition
     * @param countedOtherwise by what else evidence of the stage was counted, by partition
     */
    record Inputs(
            Circumstances circumstances,
            @Nullable Instant flagsStaleSince,
            OutcomeCounts outcomes,
            Map<Integer, InputsRead> read,
            Map<Integer, String> countedOtherwise) {}

    ReadinessJudge(EvaluateSettings settings, ReadinessPolicy policy, Provenance provenance) {
        this.settings = settings;
        this.policy = policy;
        this.provenance = provenance;
    }

    /**
     * The decision for every segment that has evidence, and for {@code all} in any case.
     *
     * @param stage the declared stage; empty while the pair is in shadow without one
     * @param bySegment cumulative evidence of the epoch in force
     */
    Map<String, ReadinessSummary> judge(
            ModelPair pair,
            Optional<DeclaredStage> stage,
            Map<String, MergedEvidence> bySegment,
            Inputs inputs,
            Instant now) {
        EvidenceShape shape = settings.shapeOf(stage);
        MergedEvidence merged = bySegment.getOrDefault(Segments.ALL, new MergedEvidence(settings.disagreements()));
        CandidateEvidence all = merged.candidate(shape);
        Map<String, SegmentEvidence> segments = new TreeMap<>();
        bySegment.forEach((segment, evidence) -> {
            if (!segment.equals(Segments.ALL)) {
                segments.put(segment, evidence.segment(shape));
            }
        });
        InputHealth health = new InputHealth(
                idle(all.pairs(), inputs.circumstances().heardAt(), now),
                inputs.circumstances().lag(),
                inputs.flagsStaleSince() == null ? null : Duration.between(inputs.flagsStaleSince(), now),
                merged.ledger().missing(),
                merged.ledger().surplus());
        ReadinessPolicy.Decisions decisions = policy.decide(
                all, segments, StageFacts.of(stage, inputs.circumstances().candidates()), health, now);
        Summaries summaries = new Summaries(
                pair, shape.references(), policy.settings().labelPolicy(), provenance.record(pair, merged, inputs));
        return new TreeMap<>(summaries.of(decisions, all, segments, merged.ledger(), inputs.outcomes()));
    }

    /** Since the start of the process it is known when comparisons came; before it, their event time is the best guess. */
    private static @Nullable Duration idle(PairEvidence evidence, @Nullable Instant heardAt, Instant now) {
        Instant last = heardAt == null ? evidence.lastEvent().orElse(null) : heardAt;
        if (last == null) {
            return null;
        }
        Duration idle = Duration.between(last, now);
        return idle.isNegative() ? Duration.ZERO : idle;
    }
}
