package dev.understudy.bench;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/** Production's latency and throughput beside each candidate. */
public record UntouchedResult(List<BesideCandidate> scenarios) {
    /**
     * One scenario over the rounds.
     *
     * @param answeredPerSecond production's predictions
     * @param missing requests that were not answered in time
     * @param withinOff whether the median p99 is at most the largest p99 with shadow off; empty for shadow off itself
     * @param shadow what the shadow path did meanwhile; empty for shadow off
     */
    public record BesideCandidate(
            Scenario scenario,
            Spread p50Millis,
            Spread p99Millis,
            Spread p999Millis,
            Spread answeredPerSecond,
            long missing,
            Optional<Boolean> withinOff,
            Optional<ShadowLedger> shadow) {}

    /**
     * The ledger of a candidate, summed over the rounds.
     *
     * @param balanced whether in every round all that was due came: eligible = the other counts together
     * @param restarts of the shadow process
     */
    public record ShadowLedger(
            long eligible,
            long compared,
            long failed,
            long timedOut,
            long quarantined,
            long shed,
            boolean balanced,
            int restarts) {
        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%,d eligible: %,d compared, %,d failed, %,d timed out, %,d quarantined, %,d shed; %s; %d restarts",
                    eligible,
                    compared,
                    failed,
                    timedOut,
                    quarantined,
                    shed,
                    balanced ? "balanced" : "NOT balanced",
                    restarts);
        }

        ShadowLedger plus(ShadowLedger other) {
            return new ShadowLedger(
                    eligible + other.eligible,
                    compared + other.compared,
                    failed + other.failed,
                    timedOut + other.timedOut,
                    quarantined + other.quarantined,
                    shed + other.shed,
                    balanced && other.balanced,
                    restarts + other.restarts);
        }
    }

    /** What was measured once. */
    record Measured(
            Scenario scenario, LatencyFigures figures, double answeredPerSecond, Optional<ShadowLedger> shadow) {}

    static UntouchedResult of(List<Scenario> scenarios, List<Measured> measured) {
        List<Measured> off = of(Scenario.OFF, measured);
        return new UntouchedResult(scenarios.stream()
                .map(scenario -> beside(scenario, of(scenario, measured), off))
                .toList());
    }

    private static List<Measured> of(Scenario scenario, List<Measured> measured) {
        return measured.stream().filter(one -> one.scenario() == scenario).toList();
    }

    private static BesideCandidate beside(Scenario scenario, List<Measured> rounds, List<Measured> off) {
        Spread p99 = spread(rounds, one -> one.figures().p99Millis());
        Optional<Boolean> within = scenario == Scenario.OFF || off.isEmpty()
                ? Optional.empty()
                : Optional.of(p99.median()
                        <= spread(off, one -> one.figures().p99Millis()).max());
        return new BesideCandidate(
                scenario,
                spread(rounds, one -> one.figures().p50Millis()),
                p99,
                spread(rounds, one -> one.figures().p999Millis()),
                spread(rounds, Measured::answeredPerSecond),
                rounds.stream().mapToLong(one -> one.figures().missing()).sum(),
                within,
                rounds.stream().flatMap(one -> one.shadow().stream()).reduce(ShadowLedger::plus));
    }

    private static Spread spread(List<Measured> rounds, ToDoubleFunction<Measured> figure) {
        return Spread.of(rounds.stream().map(figure::applyAsDouble).toList());
    }
}
