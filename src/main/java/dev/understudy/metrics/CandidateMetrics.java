package dev.understudy.metrics;

import dev.understudy.avro.GateResult;
import dev.understudy.avro.GateStatus;
import dev.understudy.avro.LatencySummary;
import dev.understudy.avro.Ledger;
import dev.understudy.avro.ReadinessSummary;
import dev.understudy.avro.Verdict;
import dev.understudy.report.Decisions;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the latest decisions say of each candidate, since its rollout stage began. */
final class CandidateMetrics {
    private static final double NANOS = 1e-9;

    private final Map<String, MultiGauge> gauges = new HashMap<>();
    private final PrometheusMeterRegistry registry;
    private Map<String, List<Row<?>>> rows = new HashMap<>();

    CandidateMetrics(PrometheusMeterRegistry registry) {
        this.registry = registry;
        gauge(
                "understudy.candidate.verdict",
                "",
                "1 for the verdict that counts, 0 for the others; one that expired is HOLD.");
        gauge(
                "understudy.candidate.valid.until.timestamp",
                "seconds",
                "When the decision expires, seconds since 1970.");
        gauge("understudy.candidate.epoch", "", "Epoch of the rollout stage in force.");
        gauge("understudy.candidate.declared.share", "ratio", "Share of entities that the rollout stage declares.");
        gauge("understudy.candidate.served.share", "ratio", "Share of requests that the candidate served.");
        gauge("understudy.candidate.flips", "ratio", "Share of compared requests on which the decisions differ.");
        gauge("understudy.candidate.latency", "seconds", "Latency of model calls by role and quantile.");
        gauge("understudy.candidate.due", "requests", "Requests that were due to be compared.");
        gauge("understudy.candidate.ledger", "requests", "What became of the requests that were due.");
        gauge("understudy.gate.status", "", "1 for the gate's status, 0 for the others.");
        gauge(
                "understudy.gate.observed",
                "",
                "Mean difference, positive where the candidate is better, in the gate's unit.");
        gauge("understudy.gate.bound", "", "Lower confidence bound of that difference.");
        gauge("understudy.gate.upper.bound", "", "Upper confidence bound of that difference.");
        gauge("understudy.gate.margin", "", "What the lower bound must exceed.");
    }

    private void gauge(String name, String unit, String what) {
        gauges.put(name, PipelineMetrics.gauge(registry, name, unit, what));
    }

    void update(List<ReadinessSummary> decisions, Instant now) {
        rows = new HashMap<>();
        decisions.forEach(decision -> add(decision, now));
        gauges.forEach((name, gauge) -> gauge.register(rows.getOrDefault(name, List.of()), true));
    }

    private void add(ReadinessSummary decision, Instant now) {
        Tags pair = Tags.of(
                "model", decision.getModel(),
                "production", decision.getProductionVersion(),
                "candidate", decision.getCandidateVersion());
        String verdict = Decisions.verdict(decision, now);
        for (Verdict one : Verdict.values()) {
            put(
                    "understudy.candidate.verdict",
                    pair.and("verdict", one.name()),
                    one.name().equals(verdict) ? 1 : 0);
        }
        put(
                "understudy.candidate.valid.until.timestamp",
                pair,
                decision.getValidUntil().toEpochMilli() / 1e3);
        put("understudy.candidate.epoch", pair, decision.getStage().getEpoch());
        put("understudy.candidate.declared.share", pair, decision.getStage().getPercent() / 100.0);
        put("understudy.candidate.served.share", pair, decision.getExposure().getServedShare());
        put("understudy.candidate.flips", pair, decision.getDivergence().getFlipRate());
        latency(pair.and("role", "production"), decision.getLatency().getProduction());
        latency(pair.and("role", "candidate"), decision.getLatency().getCandidate());
        ledger(pair, decision.getLedger());
        decision.getGates().forEach(gate -> gate(pair.and("gate", gate.getName()), gate));
    }

    private void latency(Tags role, LatencySummary latency) {
        put("understudy.candidate.latency", role.and("quantile", "0.5"), seconds(latency.getP50Nanos()));
        put("understudy.candidate.latency", role.and("quantile", "0.95"), seconds(latency.getP95Nanos()));
        put("understudy.candidate.latency", role.and("quantile", "0.99"), seconds(latency.getP99Nanos()));
    }

    private static Optional<Double> seconds(Optional<? extends Number> nanos) {
        return nanos.map(value -> value.doubleValue() * NANOS);
    }

    private void ledger(Tags pair, Ledger ledger) {
        String name = "understudy.candidate.ledger";
        put("understudy.candidate.due", pair, ledger.getEligible());
        put(name, pair.and("status", "compared"), ledger.getCompared());
        put(name, pair.and("status", "failed"), ledger.getFailed());
        put(name, pair.and("status", "timed_out"), ledger.getTimedOut());
        put(name, pair.and("status", "quarantined"), ledger.getQuarantined());
        put(name, pair.and("status", "shed"), ledger.getShed());
        put(name, pair.and("status", "pending"), ledger.getPending());
        put(name, pair.and("status", "gap"), ledger.getGap());
    }

    private void gate(Tags tags, GateResult gate) {
        for (GateStatus status : GateStatus.values()) {
            put("understudy.gate.status", tags.and("status", status.name()), gate.getStatus() == status ? 1 : 0);
        }
        put("understudy.gate.observed", tags, gate.getObserved());
        put("understudy.gate.bound", tags, gate.getBound());
        put("understudy.gate.upper.bound", tags, gate.getUpperBound());
        put("understudy.gate.margin", tags, gate.getMargin());
    }

    private void put(String name, Tags tags, Optional<? extends Number> value) {
        value.ifPresent(known -> put(name, tags, known));
    }

    private void put(String name, Tags tags, Number value) {
        rows.computeIfAbsent(name, any -> new ArrayList<>()).add(Row.of(tags, value));
    }
}
