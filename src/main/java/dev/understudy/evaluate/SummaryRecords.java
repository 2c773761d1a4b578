package dev.understudy.evaluate;

import dev.understudy.avro.BatchLatency;
import dev.understudy.avro.Divergence;
import dev.understudy.avro.LatencySummary;
import dev.understudy.avro.WindowStatus;
import dev.understudy.avro.WindowSummary;
import dev.understudy.domain.ModelPair;
import dev.understudy.evidence.BatchEvidence;
import dev.understudy.evidence.CandidateEvidence;
import dev.understudy.evidence.CandidateStatus;
import dev.understudy.evidence.LatencyPercentiles;
import dev.understudy.evidence.NoiseFloor;
import dev.understudy.evidence.PairEvidence;
import dev.understudy.kafka.avro.TrustedRecords;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Writes merged evidence as the records of the topics. */
final class SummaryRecords {
    static {
        TrustedRecords.trust();
    }

    private SummaryRecords() {}

    /** {@code pair@2026-11-22T16:00:00Z}. */
    static String windowKey(ModelPair pair, Instant start) {
        return pair.key() + "@" + start;
    }

    /** {@code pair|segment}. */
    static String readinessKey(ModelPair pair, String segment) {
        return pair.key() + "|" + segment;
    }

    /**
     * One pair in one window; NO_TRAFFIC where nothing was compared.
     *
     * @param due comparisons that were due
     */
    static WindowSummary window(
            ModelPair pair,
            long epoch,
            Instant start,
            Instant end,
            boolean isFinal,
            long due,
            CandidateEvidence window) {
        PairEvidence evidence = window.pairs();
        return WindowSummary.newBuilder()
                .setModel(pair.model())
                .setProductionVersion(pair.production().name())
                .setCandidateVersion(pair.candidate().name())
                .setEpoch(epoch)
                .setSegment(Segments.ALL)
                .setWindowStart(start)
                .setWindowEnd(end)
                .setFinal$(isFinal)
                .setStatus(evidence.total() == 0 ? WindowStatus.NO_TRAFFIC : WindowStatus.TRAFFIC)
                .setCompared(evidence.count(CandidateStatus.COMPARED))
                .setFailed(evidence.count(CandidateStatus.CANDIDATE_FAILED))
                .setTimedOut(evidence.count(CandidateStatus.TIMED_OUT))
                .setQuarantined(evidence.count(CandidateStatus.QUARANTINED))
                .setShed(evidence.count(CandidateStatus.SHED))
                .setProductionErrors(evidence.productionErrors())
                .setProductionLatency(latency(evidence.productionLatency()))
                .setCandidateLatency(latency(evidence.candidateLatency()))
                .setDivergence(divergence(evidence.divergence()))
                .setBatchLatency(batchLatency(window.batches()))
                .setProductionDeciles(evidence.productionDeciles().orElse(null))
                .setEligible(due)
                .build();
    }

    /** Null where no batch was scored by both. */
    static @Nullable BatchLatency batchLatency(BatchEvidence batches) {
        if (batches.batches() == 0) {
            return null;
        }
        return BatchLatency.newBuilder()
                .setBatches(batches.batches())
                .setProduction(latency(batches.productionLatency()))
                .setCandidate(latency(batches.candidateLatency()))
                .setRatio(batches.ratio())
                .setNoiseRatio(batches.noiseFloor().map(NoiseFloor::ratio).orElse(null))
                .setNoiseSpread(batches.noiseFloor().map(NoiseFloor::spread).orElse(null))
                .build();
    }

    static LatencySummary latency(LatencyPercentiles latency) {
        return LatencySummary.newBuilder()
                .setCount(latency.count())
                .setP50Nanos(latency.p50Nanos())
                .setP90Nanos(latency.p90Nanos())
                .setP95Nanos(latency.p95Nanos())
                .setP99Nanos(latency.p99Nanos())
                .setP999Nanos(latency.p999Nanos())
                .setRelativeError(latency.relativeError())
                .build();
    }

    static Divergence divergence(dev.understudy.evidence.Divergence divergence) {
        return Divergence.newBuilder()
                .setN(divergence.n())
                .setInvalidProd(divergence.invalidProd())
                .setInvalidCand(divergence.invalidCand())
                .setClamped(divergence.clamped())
                .setMeanProd(divergence.meanProd())
                .setMeanCand(divergence.meanCand())
                .setMeanDiff(divergence.meanDiff())
                .setMeanAbsDiff(divergence.meanAbsDiff())
                .setRmse(divergence.rmse())
                .setMaxAbsDiff(divergence.maxAbsDiff())
                .setNrmse(divergence.nrmse())
                .setPearson(divergence.pearson())
                .setCcc(divergence.ccc())
                .setFlipRate(divergence.flipRate())
                .setFlip01(divergence.flip01())
                .setFlip10(divergence.flip10())
                .setKappa(divergence.kappa())
                .setPsi20(divergence.psi20())
                .setJs20bits(divergence.js20bits())
                .setKs100(divergence.ks100())
                .setW1100(divergence.w1_100())
                .setPsi10(divergence.psi10())
                .setJs10bits(divergence.js10bits())
                .setMeanTv(divergence.meanTv())
                .setMeanJsBits(divergence.meanJsBits())
                .build();
    }
}
