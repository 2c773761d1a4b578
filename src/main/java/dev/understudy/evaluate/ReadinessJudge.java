package dev.understudy.evaluate;

import dev.understudy.avro.Divergence;
import dev.understudy.avro.Exposure;
import dev.understudy.avro.GateResult;
import dev.understudy.avro.GateStatus;
import dev.understudy.avro.LatencySummary;
import dev.understudy.avro.Ledger;
import dev.understudy.avro.PairLatency;
import dev.understudy.avro.ReadinessSummary;
import dev.understudy.avro.StageState;
import dev.understudy.avro.Verdict;
import dev.understudy.avro.VerdictReason;
import dev.understudy.domain.DeclaredStage;
import dev.understudy.domain.ModelPair;
import dev.understudy.evidence.BatchEvidence;
import dev.understudy.evidence.CandidateEvidence;
import dev.understudy.evidence.CandidateStatus;
import dev.understudy.evidence.Detail;
import dev.understudy.evidence.EvidenceShape;
import dev.understudy.evidence.ExposureEvidence;
import dev.understudy.evidence.GateMetric;
import dev.understudy.evidence.GateStatistics;
import dev.understudy.evidence.OutcomeEvidence;
import dev.understudy.evidence.PairEvidence;
import dev.understudy.evidence.SegmentEvidence;
import dev.understudy.readiness.InputHealth;
import dev.understudy.readiness.Readiness;
import dev.understudy.readiness.ReadinessPolicy;
import dev.understudy.readiness.StageFacts;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Asks the policy about a pair, segment by segment, and writes its decisions as records. */
final class ReadinessJudge {
    private static final MergedEvidence NOTHING =
            new MergedEvidence(PairEvidence.create(Detail.FULL), Map.of(), Dropped.NONE);

    private final ReadinessPolicy policy;
    private final Provenance provenance;

    ReadinessJudge(ReadinessPolicy policy, Provenance provenance) {
        this.policy = policy;
        this.provenance = provenance;
    }

    /**
     * The decision for every segment that has evidence, and for {@code all} in any case.
     *
     * @param stage the declared stage; empty while the pair is in shadow without one
     * @param bySegment cumulative evidence of the epoch in force
     * @param heardAtMillis when a comparison was last heard of, wall-clock; {@link Long#MIN_VALUE} when not since start
     */
    Map<String, ReadinessSummary> judge(
            ModelPair pair,
            Optional<DeclaredStage> stage,
            Map<String, MergedEvidence> bySegment,
            long heardAtMillis,
            long nowMillis) {
        Instant now = Instant.ofEpochMilli(nowMillis);
        MergedEvidence all = bySegment.getOrDefault(Segments.ALL, NOTHING);
        InputHealth health = new InputHealth(idle(all.evidence(), heardAtMillis, now), null, null, 0);
        Map<String, SegmentEvidence> segments = new TreeMap<>();
        bySegment.forEach((segment, merged) -> {
            if (!segment.equals(Segments.ALL)) {
                segments.put(segment, new SegmentEvidence(merged.evidence(), noOutcomes(Detail.GATES)));
            }
        });
        EvidenceShape shape = EvidenceShape.standard();
        ReadinessPolicy.Decisions decisions = policy.decide(
                new CandidateEvidence(
                        all.evidence(),
                        BatchEvidence.create(shape),
                        noOutcomes(Detail.FULL),
                        ExposureEvidence.create()),
                segments,
                StageFacts.of(stage, 1),
                health,
                now);
        Map<String, ReadinessSummary> summaries = new TreeMap<>();
        summaries.put(Segments.ALL, summary(pair, Segments.ALL, decisions.all(), all, all));
        decisions.bySegment().forEach((segment, decision) -> {
            MergedEvidence merged = bySegment.getOrDefault(segment, NOTHING);
            summaries.put(segment, summary(pair, segment, decision, merged, all));
        });
        return summaries;
    }

    private static OutcomeEvidence noOutcomes(Detail detail) {
        return OutcomeEvidence.create(detail, EvidenceShape.standard());
    }

    /** Since the start of the process it is known when comparisons came; before it, their event time is the best guess. */
    private static @Nullable Duration idle(PairEvidence evidence, long heardAtMillis, Instant now) {
        Instant last = heardAtMillis == Long.MIN_VALUE
                ? evidence.lastEvent().orElse(null)
                : Instant.ofEpochMilli(heardAtMillis);
        if (last == null) {
            return null;
        }
        Duration idle = Duration.between(last, now);
        return idle.isNegative() ? Duration.ZERO : idle;
    }

    private ReadinessSummary summary(
            ModelPair pair, String segment, Readiness decision, MergedEvidence merged, MergedEvidence all) {
        PairEvidence evidence = merged.evidence();
        return ReadinessSummary.newBuilder()
                .setModel(pair.model())
                .setProductionVersion(pair.production().name())
                .setCandidateVersion(pair.candidate().name())
                .setSegment(segment)
                .setVerdict(verdict(decision))
                .setReasons(reasons(decision))
                .setEvaluatedAt(decision.evaluatedAt())
                .setValidUntil(decision.validUntil())
                .setStage(StageState.newBuilder()
                        .setPercent(decision.percent())
                        .setSince(decision.since())
                        .setEpoch(decision.epoch())
                        .build())
                .setNextStage(decision.nextStage())
                .setNotBefore(decision.notBefore())
                .setGates(decision.gates().stream().map(ReadinessJudge::gate).toList())
                .setDivergence(divergence(evidence))
                .setLatency(latency(evidence))
                .setLedger(ledger(evidence))
                .setExposure(Exposure.newBuilder()
                        .setDeclaredShare(decision.declaredShare())
                        .setServedShare(decision.servedShare())
                        .build())
                .setProvenance(provenance(pair, all))
                .build();
    }

    /**
     * Never READY: the gates that need outcomes and like-for-like latency are not judged, and a configuration that does
     * not require them does not make a candidate safe.
     */
    private static Verdict verdict(Readiness decision) {
        return isCapped(decision)
                ? Verdict.NOT_READY
                : Verdict.valueOf(decision.verdict().name());
    }

    private static List<VerdictReason> reasons(Readiness decision) {
        if (isCapped(decision)) {
            return List.of(new VerdictReason(
                    "GATES_MISSING",
                    "All gates that this version judges have passed; latency and outcomes are not judged yet."));
        }
        return decision.reasons().stream()
                .map(reason -> new VerdictReason(reason.code(), reason.message()))
                .toList();
    }

    private static boolean isCapped(Readiness decision) {
        return decision.verdict() == dev.understudy.readiness.Verdict.READY;
    }

    private static GateResult gate(dev.understudy.readiness.GateResult gate) {
        return GateResult.newBuilder()
                .setName(gate.name())
                .setStatus(GateStatus.valueOf(gate.status().name()))
                .setObserved(gate.observed())
                .setBound(gate.bound())
                .setMargin(gate.margin())
                .setRequests(gate.requests())
                .setEntities(gate.entities())
                .setReason(gate.reason())
                .setRequestsNeeded(gate.requestsNeeded())
                .build();
    }

    /** Segments keep what gates need, from which two of the statistics can be read. */
    private static Divergence divergence(PairEvidence evidence) {
        if (evidence.detail() == Detail.FULL) {
            return SummaryRecords.divergence(evidence.divergence());
        }
        return Divergence.newBuilder()
                .setN(evidence.pairs())
                .setInvalidProd(evidence.invalidProd())
                .setInvalidCand(evidence.invalidCand())
                .setMeanAbsDiff(negatedMean(evidence, GateMetric.SCORE_SHIFT))
                .setFlipRate(negatedMean(evidence, GateMetric.FLIPS))
                .build();
    }

    private static @Nullable Double negatedMean(PairEvidence evidence, GateMetric metric) {
        return evidence.statistics(metric)
                .map(GateStatistics::mean)
                .map(mean -> mean == 0 ? 0.0 : -mean)
                .orElse(null);
    }

    private static PairLatency latency(PairEvidence evidence) {
        if (evidence.detail() == Detail.FULL) {
            return new PairLatency(
                    SummaryRecords.latency(evidence.productionLatency()),
                    SummaryRecords.latency(evidence.candidateLatency()));
        }
        LatencySummary none =
                LatencySummary.newBuilder().setCount(0).setRelativeError(0).build();
        return new PairLatency(none, none);
    }

    private static Ledger ledger(PairEvidence evidence) {
        return Ledger.newBuilder()
                .setCompared(evidence.count(CandidateStatus.COMPARED))
                .setFailed(evidence.count(CandidateStatus.CANDIDATE_FAILED))
                .setTimedOut(evidence.count(CandidateStatus.TIMED_OUT))
                .setQuarantined(evidence.count(CandidateStatus.QUARANTINED))
                .setShed(evidence.count(CandidateStatus.SHED))
                .build();
    }

    private dev.understudy.avro.Provenance provenance(ModelPair pair, MergedEvidence all) {
        Map<String, String> offsets = new TreeMap<>();
        all.origins().forEach((partition, origins) -> offsets.put(Integer.toString(partition), origins.text()));
        return dev.understudy.avro.Provenance.newBuilder()
                .setOffsets(offsets)
                .setProductionSha256(
                        provenance.sha256().apply(pair.production()).orElse(null))
                .setCandidateSha256(provenance.sha256().apply(pair.candidate()).orElse(null))
                .setConfigurationHash(provenance.configurationHash())
                .setCodeVersion(provenance.codeVersion())
                .setReplaysDropped(all.dropped().replays())
                .setLateDropped(all.dropped().late())
                .setUndeclaredSegmentValues(all.dropped().undeclaredValues())
                .build();
    }
}
