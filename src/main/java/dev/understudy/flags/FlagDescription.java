package dev.understudy.flags;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What one flag is set to, in the same words for every flag system. It is for people: what an entity gets is for the
 * system's own evaluator to say.
 *
 * @param variations what it can answer, as text, in the order of the flag
 * @param targets entities that are named individually; they win over the rules
 * @param rules the first that matches decides, those whose shares stay below 100 % for that share alone
 * @param rest what everybody else gets; empty where the flag does not exist
 * @param remarks what else decides, in the system's own words
 */
public record FlagDescription(
        String key,
        State state,
        List<String> variations,
        List<Target> targets,
        List<Rule> rules,
        Optional<Split> rest,
        List<String> remarks) {
    /** Whether a flag is there and what its switch says. */
    public enum State {
        MISSING,
        OFF,
        ON
    }

    /** How many entities are named for a variation. */
    public record Target(String variation, int entities) {}

    /**
     * One rule.
     *
     * @param when whom it is for, such as {@code region is eu or uk}
     */
    public record Rule(String when, Split gives) {}

    /** How much of those who are asked about get a variation. */
    public record Share(String variation, double percent) {}

    /**
     * Who gets what.
     *
     * @param shares each variation once. What is missing to 100 % goes on to the next rule
     * @param remark why it may not come to that
     */
    public record Split(List<Share> shares, Optional<String> remark) {
        /** Less is what sums of fractions leave. */
        private static final double NOTHING = 1e-9;

        public Split {
            Map<String, Double> sums = new LinkedHashMap<>();
            shares.forEach(share -> sums.merge(share.variation(), share.percent(), Double::sum));
            shares = sums.entrySet().stream()
                    .map(sum -> new Share(sum.getKey(), sum.getValue()))
                    .toList();
        }

        /** All get the same. */
        public static Split all(String variation) {
            return new Split(List.of(new Share(variation, 100)), Optional.empty());
        }

        /** The same division of this share, in percent, of those who were divided. */
        public Split of(double percent) {
            return new Split(
                    shares.stream()
                            .map(share -> new Share(share.variation(), share.percent() * percent / 100))
                            .toList(),
                    remark);
        }

        /** The share, in percent, that goes on to the next rule. */
        public double passedOn() {
            double left = 100 - shares.stream().mapToDouble(Share::percent).sum();
            return left < NOTHING ? 0 : left;
        }

        /** With what those get that go on. */
        Split then(Split next) {
            List<Share> all = new ArrayList<>(shares);
            all.addAll(next.of(passedOn()).shares());
            return new Split(all, remark.or(next::remark));
        }

        Split remarked(Optional<String> why) {
            return new Split(shares, why.or(() -> remark));
        }
    }

    public FlagDescription {
        variations = variations.stream().distinct().toList();
        targets = List.copyOf(targets);
        rules = List.copyOf(rules);
        remarks = List.copyOf(remarks);
    }

    /** A flag that does not exist. */
    public static FlagDescription missing(String key) {
        return new FlagDescription(key, State.MISSING, List.of(), List.of(), List.of(), Optional.empty(), List.of());
    }
}
