package dev.understudy.evaluate;

import dev.understudy.avro.Accuracy;
import dev.understudy.avro.Divergence;
import dev.understudy.avro.Exposure;
import dev.understudy.avro.GateResult;
import dev.understudy.avro.GateStatus;
import dev.understudy.avro.LatencySummary;
import dev.understudy.avro.Ledger;
import dev.understudy.avro.PairLatency;
import dev.understudy.avro.ReadinessSummary;
import dev.understudy.avro.ServedArms;
import dev.understudy.avro.Slice;
import dev.understudy.avro.StageState;
import dev.understudy.avro.Verdict;
import dev.understudy.avro.VerdictReason;
import dev.understudy.domain.ModelPair;
import dev.understudy.domain.References;
import dev.understudy.evidence.CandidateEvidence;
import dev.understudy.evidence.CandidateStatus;
import dev.understudy.evidence.ExposureEvidence;
import dev.understudy.evidence.GateMetric;
import dev.understudy.evidence.GateStatistics;
import dev.understudy.evidence.OutcomeEvidence;
import dev.understudy.evidence.PairEvidence;
import dev.understudy.evidence.SegmentEvidence;
import dev.understudy.evidence.Stickiness;
import dev.understudy.kafka.avro.TrustedRecords;
import dev.understudy.readiness.Arms;
import dev.understudy.readiness.LabelPolicy;
import dev.understudy.readiness.Readiness;
import dev.understudy.readiness.ReadinessPolicy;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes decisions, and the evidence that they rest on, as {@code ReadinessSummary} records. */
public final class Summaries {
    static {
        TrustedRecords.trust();
    }

    private final ModelPair pair;
    private final References references;
    private final LabelPolicy labelPolicy;
    private final dev.understudy.avro.Provenance provenance;

    /**
     * @param references that the evidence was measured against
     * @param labelPolicy how outcomes relate to what was served
     * @param provenance what is needed to compute the summaries again
     */
    public Summaries(
            ModelPair pair, References references, LabelPolicy labelPolicy, dev.understudy.avro.Provenance provenance) {
        this.pair = pair;
        this.references = references;
        this.labelPolicy = labelPolicy;
        this.provenance = provenance;
    }

    /** The decision over all requests, then those on the segments, by segment. */
    public Map<String, ReadinessSummary> of(
            ReadinessPolicy.Decisions decisions,
            CandidateEvidence all,
            Map<String, SegmentEvidence> segments,
            LedgerBalance ledger,
            OutcomeCounts outcomes) {
        Map<String, ReadinessSummary> summaries = new LinkedHashMap<>();
        summaries.put(Segments.ALL, ofAll(decisions.all(), all, ledger, outcomes));
        decisions.bySegment().forEach((segment, decision) -> {
            SegmentEvidence evidence = segments.get(segment);
            if (evidence != null) {
                summaries.put(segment, ofSegment(segment, decision, evidence));
            }
        });
        return summaries;
    }

    private ReadinessSummary ofAll(
            Readiness decision, CandidateEvidence evidence, LedgerBalance ledger, OutcomeCounts outcomes) {
        return common(Segments.ALL, decision, evidence.outcomes())
                .setDivergence(SummaryRecords.divergence(evidence.pairs().divergence()))
                .setLatency(new PairLatency(
                        SummaryRecords.latency(evidence.pairs().productionLatency()),
                        SummaryRecords.latency(evidence.pairs().candidateLatency())))
                .setBatchLatency(SummaryRecords.batchLatency(evidence.batches()))
                .setLedger(ledger(evidence.pairs())
                        .setEligible(ledger.eligible())
                        .setPending(ledger.pending())
                        .setGap(ledger.gap())
                        .build())
                .setExposure(exposure(decision, evidence.exposure()))
                .setOutcomes(outcomes.isNone() ? null : outcomes(outcomes, evidence.outcomes()))
                .setArms(arms(decision.arms()))
                .setSlices(decision.slices().stream().map(Summaries::slice).toList())
                .build();
    }

    /** A segment keeps what gates need: two numbers of the divergence can be read from that. */
    private ReadinessSummary ofSegment(String segment, Readiness decision, SegmentEvidence evidence) {
        LatencySummary none =
                LatencySummary.newBuilder().setCount(0).setRelativeError(0).build();
        PairEvidence pairs = evidence.pairs();
        return common(segment, decision, evidence.outcomes())
                .setDivergence(Divergence.newBuilder()
                        .setN(pairs.pairs())
                        .setInvalidProd(pairs.invalidProd())
                        .setInvalidCand(pairs.invalidCand())
                        .setMeanAbsDiff(negatedMean(pairs, GateMetric.SCORE_SHIFT))
                        .setFlipRate(negatedMean(pairs, GateMetric.FLIPS))
                        .build())
                .setLatency(new PairLatency(none, none))
                .setLedger(ledger(pairs).build())
                .setExposure(Exposure.newBuilder()
                        .setDeclaredShare(decision.declaredShare())
                        .build())
                .build();
    }

    private ReadinessSummary.Builder common(String segment, Readiness decision, OutcomeEvidence outcomes) {
        return ReadinessSummary.newBuilder()
                .setModel(pair.model())
                .setProductionVersion(pair.production().name())
                .setCandidateVersion(pair.candidate().name())
                .setSegment(segment)
                .setVerdict(Verdict.valueOf(decision.verdict().name()))
                .setReasons(decision.reasons().stream()
                        .map(reason -> new VerdictReason(reason.code(), reason.message()))
                        .toList())
                .setEvaluatedAt(decision.evaluatedAt())
                .setValidUntil(decision.validUntil())
                .setStage(StageState.newBuilder()
                        .setPercent(decision.percent())
                        .setSince(decision.since())
                        .setEpoch(decision.epoch())
                        .setCandidates(decision.candidates())
                        .setTailNanos(
                                references.tailNanos().isPresent()
                                        ? references.tailNanos().getAsLong()
                                        : null)
                        .setHoldSeconds(decision.hold().toSeconds())
                        .build())
                .setNextStage(decision.nextStage())
                .setNotBefore(decision.notBefore())
                .setGates(decision.gates().stream().map(Summaries::gate).toList())
                .setAlpha(decision.alpha())
                .setExplanation(decision.explanation())
                .setAccuracy(accuracy(outcomes))
                .setProvenance(provenance);
    }

    private static GateResult gate(dev.understudy.readiness.GateResult gate) {
        return GateResult.newBuilder()
                .setName(gate.name())
                .setStatus(GateStatus.valueOf(gate.status().name()))
                .setObserved(gate.observed())
                .setBound(gate.bound())
                .setUpperBound(gate.upperBound())
                .setMargin(gate.margin())
                .setRequests(gate.requests())
                .setEntities(gate.entities())
                .setReason(gate.reason())
                .setRequestsNeeded(gate.requestsNeeded())
                .build();
    }

    private static Slice slice(dev.understudy.readiness.Slice slice) {
        return Slice.newBuilder()
                .setSegment(slice.segment())
                .setGate(slice.gate().key())
                .setObserved(slice.observed())
                .setUpperBound(slice.upperBound())
                .setMargin(slice.margin())
                .setRequests(slice.requests())
                .setEntities(slice.entities())
                .setFlagged(slice.flagged())
                .build();
    }

    private static @Nullable Double negatedMean(PairEvidence evidence, GateMetric metric) {
        return evidence.statistics(metric)
                .map(GateStatistics::mean)
                .map(mean -> mean == 0 ? 0.0 : -mean)
                .orElse(null);
    }

    private static Ledger.Builder ledger(PairEvidence pairs) {
        return Ledger.newBuilder()
                .setCompared(pairs.count(CandidateStatus.COMPARED))
                .setFailed(pairs.count(CandidateStatus.CANDIDATE_FAILED))
                .setTimedOut(pairs.count(CandidateStatus.TIMED_OUT))
                .setQuarantined(pairs.count(CandidateStatus.QUARANTINED))
                .setShed(pairs.count(CandidateStatus.SHED));
    }

    private static Exposure exposure(Readiness decision, ExposureEvidence evidence) {
        Stickiness stickiness = evidence.stickiness();
        return Exposure.newBuilder()
                .setDeclaredShare(decision.declaredShare())
                .setServedShare(decision.servedShare())
                .setEligible(evidence.eligible())
                .setStickySampled(stickiness.sampled())
                .setStickyViolations(stickiness.violations())
                .setFallbacks(evidence.fallbacks())
                .build();
    }

    private static dev.understudy.avro.OutcomeCounts outcomes(OutcomeCounts counts, OutcomeEvidence evidence) {
        return dev.understudy.avro.OutcomeCounts.newBuilder()
                .setJoined(counts.joined())
                .setEarly(counts.early())
                .setLate(counts.late())
                .setTooLate(counts.tooLate())
                .setDuplicate(counts.duplicate())
                .setConflicting(counts.conflicting())
                .setUnknownLabel(evidence.accuracy().unknownLabels())
                .setUnmatched(counts.unmatched())
                .build();
    }

    private @Nullable Accuracy accuracy(OutcomeEvidence evidence) {
        dev.understudy.evidence.Accuracy known = evidence.accuracy();
        if (known.requests() == 0 && known.labelled() == 0) {
            return null;
        }
        return Accuracy.newBuilder()
                .setRequests(known.requests())
                .setLabelled(known.labelled())
                .setCoverage(known.coverage())
                .setLabelPolicy(labelPolicy.name().toLowerCase(Locale.ROOT))
                .setBothRight(known.bothRight())
                .setProductionRight(known.productionRight())
                .setCandidateRight(known.candidateRight())
                .setBothWrong(known.bothWrong())
                .setAccuracyProd(known.accuracyProd())
                .setAccuracyCand(known.accuracyCand())
                .setBrierProd(known.brierProd())
                .setBrierCand(known.brierCand())
                .setLogLossProd(known.logLossProd())
                .setLogLossCand(known.logLossCand())
                .setEceProd(known.eceProd())
                .setEceCand(known.eceCand())
                .setAucProd(known.aucProd())
                .setAucProdBound(known.aucProdBound())
                .setAucCand(known.aucCand())
                .setAucCandBound(known.aucCandBound())
                .setRmseProd(known.rmseProd())
                .setRmseCand(known.rmseCand())
                .setMaeProd(known.maeProd())
                .setMaeCand(known.maeCand())
                .build();
    }

    private static @Nullable ServedArms arms(@Nullable Arms arms) {
        return arms == null
                ? null
                : ServedArms.newBuilder()
                        .setProductionN(arms.productionN())
                        .setCandidateN(arms.candidateN())
                        .setProductionMean(arms.productionMean())
                        .setCandidateMean(arms.candidateMean())
                        .setDifference(arms.difference())
                        .setBound(arms.bound())
                        .build();
    }
}
