package dev.understudy.flags.plan;

import dev.understudy.domain.ModelVersion;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Whether the flags divide as planned.
 *
 * @param entities how many the shares decided about
 * @param lines what was measured, for people
 * @param problems what is not as it should be; none where all is well
 */
public record ShareCheck(int entities, List<Measured> measured, List<String> lines, List<String> problems) {
    /**
     * Standard deviations of the binomial that a share may be off: a right flag is blamed once in 16,000 checks of a
     * version.
     */
    private static final double DEVIATIONS = 4;

    /** A version's share, in percent. */
    public record Measured(String version, double percent, double wanted, double tolerance) {
        boolean isOff() {
            return Math.abs(percent - wanted) > tolerance;
        }
    }

    /** Compares what is measured before a change with what the plan says is so now. */
    public static ShareCheck ofNow(FlagPlan plan, ShareProbe seen) {
        Collector collector = new Collector(seen);
        Shares now = plan.now().orElseThrow();
        now.byVersion().forEach((name, percent) -> collector.share(new ModelVersion(name), percent));
        return collector.check();
    }

    /** Compares what was measured before and after a change of shares with its plan. */
    public static ShareCheck of(FlagPlan plan, ShareProbe before, ShareProbe after) {
        Shares now = plan.now().orElseThrow();
        Shares then = plan.then().orElseThrow();
        Collector collector = new Collector(after);
        Map<String, BigDecimal> versions = new TreeMap<>(now.byVersion());
        versions.putAll(then.byVersion());
        for (String name : versions.keySet()) {
            ModelVersion version = new ModelVersion(name);
            collector.share(version, then.of(version));
            boolean stays = then.of(version).compareTo(now.of(version)) >= 0;
            if (stays) {
                collector.stickiness(before, version, plan.moved().contains(version));
            }
        }
        return collector.check();
    }

    /** Gathers what is seen in one probe. */
    private static final class Collector {
        private final ShareProbe seen;
        private final int entities;
        private final List<Measured> measured = new ArrayList<>();
        private final List<String> lines = new ArrayList<>();
        private final List<String> problems = new ArrayList<>();

        Collector(ShareProbe seen) {
            this.seen = seen;
            this.entities = seen.divided();
            if (entities == 0) {
                problems.add("rules concern every entity without attributes, so that no share can be measured");
            }
        }

        void share(ModelVersion version, BigDecimal wanted) {
            double share = wanted.doubleValue() / 100;
            double tolerance = 100
                    * (DEVIATIONS * Math.sqrt(share * (1 - share) / Math.max(1, entities))
                            + 0.5 / Math.max(1, entities));
            Measured one = new Measured(
                    version.name(), 100.0 * seen.servedBy(version) / Math.max(1, entities), 100 * share, tolerance);
            measured.add(one);
            lines.add(String.format(
                    Locale.ROOT,
                    "%s serves %.2f %% of %,d entities; %s %% ± %.2f is expected",
                    version,
                    one.percent(),
                    entities,
                    wanted.toPlainString(),
                    tolerance));
            if (one.isOff()) {
                problems.add(lines.get(lines.size() - 1));
            }
        }

        /** @param planned whether the plan says that entities change sides */
        void stickiness(ShareProbe before, ModelVersion version, boolean planned) {
            int lost = seen.lost(before, version);
            if (lost > 0) {
                (planned ? lines : problems)
                        .add(String.format(
                                Locale.ROOT, "%,d entities that %s served went to another version", lost, version));
            } else if (before.servedBy(version) > 0) {
                lines.add(String.format(
                        Locale.ROOT,
                        "all %,d entities that %s served stay with it",
                        before.servedBy(version),
                        version));
            }
        }

        ShareCheck check() {
            return new ShareCheck(entities, measured, lines, problems);
        }
    }

    public ShareCheck {
        measured = List.copyOf(measured);
        lines = List.copyOf(lines);
        problems = List.copyOf(problems);
    }

    /** Whether all is as planned. */
    public boolean isRight() {
        return problems.isEmpty();
    }
}
