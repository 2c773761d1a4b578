package dev.understudy.flags.plan;

import dev.understudy.domain.ModelVersion;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * How those are divided whom no target and no rule concerns. Every flag system lays the shares one after the other over
 * [0, 100) and looks where the hash of an entity falls.
 *
 * @param layout the shares in that order; together 100
 */
public record Shares(List<Slice> layout) {
    private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);

    /** A share of one version, in percent. */
    public record Slice(String version, BigDecimal percent) {
        public Slice {
            percent = percent.signum() == 0 ? BigDecimal.ZERO : percent.stripTrailingZeros();
        }
    }

    /** @throws IllegalArgumentException if they are not 100 together */
    public Shares {
        layout = layout.stream().filter(slice -> slice.percent().signum() != 0).toList();
        BigDecimal sum = layout.stream().map(Slice::percent).reduce(BigDecimal.ZERO, BigDecimal::add);
        if (sum.compareTo(HUNDRED) != 0) {
            throw new IllegalArgumentException("shares must be 100 % together, were " + sum.toPlainString());
        }
    }

    /** Everybody gets the same. */
    public static Shares all(String version) {
        return new Shares(List.of(new Slice(version, HUNDRED)));
    }

    /** Percent by version, in the order of the layout; none is 0. */
    public Map<String, BigDecimal> byVersion() {
        Map<String, BigDecimal> percent = new LinkedHashMap<>();
        layout.forEach(slice -> percent.merge(slice.version(), slice.percent(), BigDecimal::add));
        return percent;
    }

    /** The percent of a version; 0 where it has no share. */
    public BigDecimal of(ModelVersion version) {
        return byVersion().getOrDefault(version.name(), BigDecimal.ZERO);
    }

    /** Whether the candidate has what the change wants it to have. */
    public boolean fulfil(FlagChange.Share change) {
        return of(change.candidate()).compareTo(BigDecimal.valueOf(change.percent())) == 0;
    }

    /**
     * What every version is to have after the change, the candidate first and production last, both also where it is 0.
     *
     * @throws FlagPlanException if there is not so much to be had
     */
    public Map<String, BigDecimal> after(FlagChange.Share change) throws FlagPlanException {
        String production = change.production().name();
        Map<String, BigDecimal> after = new LinkedHashMap<>();
        after.put(change.candidate().name(), BigDecimal.valueOf(change.percent()));
        byVersion().forEach(after::putIfAbsent);
        after.remove(production);
        BigDecimal taken = after.values().stream().reduce(BigDecimal.ZERO, BigDecimal::add);
        if (taken.compareTo(HUNDRED) > 0) {
            throw new FlagPlanException("the candidates would serve " + taken.toPlainString() + " % together ("
                    + text(after) + "); at most 100 % is possible: take back another candidate's share first");
        }
        after.put(production, HUNDRED.subtract(taken));
        return after;
    }

    /**
     * Versions that lose entities although their share does not shrink, or get others although it does not grow;
     * production apart, which gives way.
     */
    public List<ModelVersion> moved(Shares after, ModelVersion production) {
        Map<String, BigDecimal> shareNow = byVersion();
        Map<String, BigDecimal> shareThen = after.byVersion();
        Set<BigDecimal> cuts = new TreeSet<>(ends(layout));
        cuts.addAll(ends(after.layout));
        Set<String> moved = new LinkedHashSet<>();
        for (BigDecimal cut : cuts) {
            String owner = owner(layout, cut);
            String next = owner(after.layout, cut);
            if (!owner.equals(next)) {
                if (shareThen
                                .getOrDefault(owner, BigDecimal.ZERO)
                                .compareTo(shareNow.getOrDefault(owner, BigDecimal.ZERO))
                        >= 0) {
                    moved.add(owner);
                }
                if (shareNow.getOrDefault(next, BigDecimal.ZERO)
                                .compareTo(shareThen.getOrDefault(next, BigDecimal.ZERO))
                        >= 0) {
                    moved.add(next);
                }
            }
        }
        moved.remove(production.name());
        return moved.stream().map(ModelVersion::new).toList();
    }

    private static List<BigDecimal> ends(List<Slice> layout) {
        List<BigDecimal> ends = new ArrayList<>();
        BigDecimal end = BigDecimal.ZERO;
        for (Slice slice : layout) {
            end = end.add(slice.percent());
            ends.add(end);
        }
        return ends;
    }

    /** Of the piece that ends there. */
    private static String owner(List<Slice> layout, BigDecimal end) {
        List<BigDecimal> ends = ends(layout);
        int at = 0;
        while (ends.get(at).compareTo(end) < 0) {
            at++;
        }
        return layout.get(at).version();
    }

    /** Like {@code v1 95 %, v2 5 %}, by name. */
    @Override
    public String toString() {
        return text(byVersion());
    }

    private static String text(Map<String, BigDecimal> percent) {
        return percent.entrySet().stream()
                .filter(share -> share.getValue().signum() != 0)
                .sorted(Map.Entry.comparingByKey())
                .map(share -> share.getKey() + " " + share.getValue().toPlainString() + " %")
                .collect(Collectors.joining(", "));
    }
}
