package dev.understudy.readiness;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The published decision on a candidate: what it is, why, and until when it holds. Never latched: it is computed anew from
 * current evidence each time.
 *
 * @param reasons all that led to the verdict, most important first; never empty
 * @param gates every gate that was asked, those that are merely shown included
 * @param percent declared share of the rollout stage in force
 * @param since when that stage began; null while nothing was declared or seen
 * @param hold how long it lasts at least, in event time
 * @param nextStage percent of the next stage; null at the last one
 * @param notBefore when the next stage may start at the earliest, whatever the evidence; null where there is none
 * @param validUntil readers treat it as HOLD after this
 * @param declaredShare share of entities that the candidate is to serve, 0 to 1
 * @param servedShare share of requests that it served; null without any
 * @param alpha chance of a wrong PASS of a gate: the configured one shared among the candidates
 * @param candidates how many share it
 * @param slices the flagged ones and the worst, worst first; empty for segments
 * @param arms business values of the served arms; null while none was seen, and for segments
 * @param explanation the same in plain words
 */
public record Readiness(
        Verdict verdict,
        List<Reason> reasons,
        List<GateResult> gates,
        long epoch,
        int percent,
        @Nullable Instant since,
        Duration hold,
        @Nullable Integer nextStage,
        @Nullable Instant notBefore,
        Instant evaluatedAt,
        Instant validUntil,
        double declaredShare,
        @Nullable Double servedShare,
        double alpha,
        int candidates,
        List<Slice> slices,
        @Nullable Arms arms,
        String explanation) {
    public Readiness {
        reasons = List.copyOf(reasons);
        gates = List.copyOf(gates);
        slices = List.copyOf(slices);
    }
}
