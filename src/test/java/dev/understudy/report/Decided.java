package dev.understudy.report;

import dev.understudy.avro.Divergence;
import dev.understudy.avro.Exposure;
import dev.understudy.avro.LatencySummary;
import dev.understudy.avro.Ledger;
import dev.understudy.avro.PairLatency;
import dev.understudy.avro.Provenance;
import dev.understudy.avro.ReadinessSummary;
import dev.understudy.avro.StageState;
import dev.understudy.kafka.avro.TrustedRecords;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Published decisions without the evidence that they rest on. */
public final class Decided {
    static {
        TrustedRecords.trust();
    }

    private Decided() {}

    /** At 5 %, for 25 %, on v1 against the candidate over all requests; verdict and explanation are to be added. */
    public static ReadinessSummary.Builder on(String candidate, Instant at, Instant validUntil, Provenance provenance) {
        LatencySummary none =
                LatencySummary.newBuilder().setCount(0).setRelativeError(0).build();
        return ReadinessSummary.newBuilder()
                .setModel("fraud")
                .setProductionVersion("v1")
                .setCandidateVersion(candidate)
                .setSegment("all")
                .setReasons(List.of())
                .setEvaluatedAt(at)
                .setValidUntil(validUntil)
                .setStage(StageState.newBuilder().setPercent(5).setEpoch(0).build())
                .setNextStage(25)
                .setGates(List.of())
                .setDivergence(Divergence.newBuilder()
                        .setN(0)
                        .setInvalidProd(0)
                        .setInvalidCand(0)
                        .build())
                .setLatency(new PairLatency(none, none))
                .setLedger(Ledger.newBuilder()
                        .setCompared(0)
                        .setFailed(0)
                        .setTimedOut(0)
                        .setQuarantined(0)
                        .setShed(0)
                        .build())
                .setExposure(Exposure.newBuilder().build())
                .setProvenance(provenance);
    }

    public static Provenance models(String productionSha256, String candidateSha256) {
        return Provenance.newBuilder()
                .setOffsets(Map.of())
                .setProductionSha256(productionSha256)
                .setCandidateSha256(candidateSha256)
                .setConfigurationHash("")
                .setCodeVersion("")
                .build();
    }
}
