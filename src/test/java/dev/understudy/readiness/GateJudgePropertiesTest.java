package dev.understudy.readiness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.evidence.GateStatistics;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Scale;

final class GateJudgePropertiesTest {
    private static final double M0 = -0.02;

    private final ReadinessSettings settings = ReadinessSettings.standard();

    /** FAIL < UNDECIDED < PASS. */
    private static int rank(GateStatus status) {
        return switch (status) {
            case FAIL -> 0;
            case UNDECIDED -> 1;
            case PASS -> 2;
            case INSUFFICIENT -> throw new IllegalArgumentException("enough data was given");
        };
    }

    private GateStatus judge(GateStatistics seen, int candidates) {
        GateJudge judge = new GateJudge(settings, 3, candidates);
        return judge.judge(Gate.FLIPS, seen, M0, judge.provesHarm(seen, M0)).status();
    }

    private static GateStatistics seen(long n, double mean, double s2, double designEffect) {
        return new GateStatistics(n, mean, s2, s2 / n, designEffect * s2 / n, 0, 60, n);
    }

    @Property
    void more_harm_never_makes_a_better_status(
            @ForAll @LongRange(min = 500, max = 1_000_000) long n,
            @ForAll @DoubleRange(min = -0.2, max = 0.2) double mean,
            @ForAll @DoubleRange(min = 0, max = 0.5) double harm,
            @ForAll @Scale(4) @DoubleRange(min = 0.001, max = 0.2) double s2,
            @ForAll @DoubleRange(min = 1, max = 30) double designEffect) {
        assertThat(rank(judge(seen(n, mean - harm, s2, designEffect), 1)))
                .isLessThanOrEqualTo(rank(judge(seen(n, mean, s2, designEffect), 1)));
    }

    @Property
    void more_candidates_decide_no_more(
            @ForAll @LongRange(min = 500, max = 1_000_000) long n,
            @ForAll @DoubleRange(min = -0.2, max = 0.2) double mean,
            @ForAll @Scale(4) @DoubleRange(min = 0.001, max = 0.2) double s2,
            @ForAll @IntRange(min = 2, max = 10) int candidates) {
        GateStatus among = judge(seen(n, mean, s2, 1), candidates);
        if (among != GateStatus.UNDECIDED) {
            assertThat(judge(seen(n, mean, s2, 1), 1)).isEqualTo(among);
        }
    }

    @Property
    void pass_and_proven_harm_exclude_each_other(
            @ForAll @LongRange(min = 500, max = 1_000_000) long n,
            @ForAll @DoubleRange(min = -0.5, max = 0.5) double mean,
            @ForAll @DoubleRange(min = 0, max = 0.2) double s2,
            @ForAll @DoubleRange(min = 1, max = 30) double designEffect) {
        GateStatistics seen = seen(n, mean, s2, designEffect);
        GateJudge judge = new GateJudge(settings, 1, 1);
        boolean passes = judge.judge(Gate.FLIPS, seen, M0, false).status() == GateStatus.PASS;

        assertThat(passes && judge.provesHarm(seen, M0)).isFalse();
    }

    @Property
    void arm_that_is_worth_less_is_never_judged_better(
            @ForAll @LongRange(min = 500, max = 100_000) long n,
            @ForAll @DoubleRange(min = -0.3, max = 0.3) double mean,
            @ForAll @DoubleRange(min = 0, max = 0.5) double harm,
            @ForAll @Scale(4) @DoubleRange(min = 0.001, max = 0.2) double s2) {
        GateJudge judge = new GateJudge(settings, 3, 1);
        GateStatistics production = seen(n, 0, s2, 1);

        assertThat(rank(judge.judgeArms(production, seen(n, mean - harm, s2, 1), M0, true)
                        .status()))
                .isLessThanOrEqualTo(rank(judge.judgeArms(production, seen(n, mean, s2, 1), M0, true)
                        .status()));
    }

    @Property
    void bursts_never_help(
            @ForAll @LongRange(min = 500, max = 1_000_000) long n,
            @ForAll @DoubleRange(min = -0.2, max = 0.2) double mean,
            @ForAll @Scale(4) @DoubleRange(min = 0.001, max = 0.2) double s2,
            @ForAll @DoubleRange(min = 1, max = 30) double bursts) {
        GateStatistics steady = seen(n, mean, s2, 1);
        GateStatistics bursty = new GateStatistics(n, mean, s2, s2 / n, s2 / n, bursts * s2 / n, 60, n);
        ConfidenceSequence narrow = new ConfidenceSequence(steady, -1, 1, 0.05, 5000, 3);
        ConfidenceSequence wide = new ConfidenceSequence(bursty, -1, 1, 0.05, 5000, 3);

        assertThat(wide.lower()).isLessThanOrEqualTo(narrow.lower() + 1e-12);
        assertThat(wide.upper()).isGreaterThanOrEqualTo(narrow.upper() - 1e-12);
    }
}
