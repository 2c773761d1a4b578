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

    /** Compares what was measured before and after a change of shares with its plan. */
    public static ShareCheck of(FlagPlan plan, ShareProbe before, ShareProbe after) {
        Shares now = plan.now().orElseThrow();
        Shares then = plan.then().orElseThrow();
        int entities = after.divided();
        List<Measured> measured = new ArrayList<>();
        List<String> lines = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        if (entities == 0) {
            problems.add("rules concern every entity without attributes, so that no share can be measured");
        }
        Map<String, BigDecimal> versions = new TreeMap<>(now.byVersion());
        versions.putAll(then.byVersion());
        for (String name : versions.keySet()) {
            ModelVersion version = new ModelVersion(name);
            int served = after.servedBy(version);
            double wanted = then.of(version).doubleValue();
            double share = wanted / 100;
            double tolerance = 100
                    * (DEVIATIONS * Math.sqrt(share * (1 - share) / Math.max(1, entities))
                            + 0.5 / Math.max(1, entities));
            Measured one = new Measured(name, 100.0 * served / Math.max(1, entities), wanted, tolerance);
            measured.add(one);
            lines.add(String.format(
                    Locale.ROOT,
                    "%s serves %.2f %% of %,d entities; %s %% ± %.2f is expected",
                    name,
                    one.percent(),
                    entities,
                    then.of(version).toPlainString(),
                    tolerance));
            if (one.isOff()) {
                problems.add(lines.get(lines.size() - 1));
            }
            boolean shrinks = then.of(version).compareTo(now.of(version)) < 0;
            int lost = after.lost(before, version);
            if (!shrinks && lost > 0) {
                problems.add(
                        String.format(Locale.ROOT, "%,d entities that %s served went to another version", lost, name));
            } else if (!shrinks && before.servedBy(version) > 0) {
                lines.add(String.format(
                        Locale.ROOT, "all %,d entities that %s served stay with it", before.servedBy(version), name));
            }
        }
        return new ShareCheck(entities, measured, lines, problems);
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
