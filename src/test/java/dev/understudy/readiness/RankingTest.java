package dev.understudy.readiness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.readiness.Ranking.Ranked;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class RankingTest {
    private static final List<Ranked> IN_ORDER = List.of(
            new Ranked("v9", Verdict.READY, null, null, null),
            new Ranked("v8", Verdict.NOT_READY, 0.02, -0.5, -0.5),
            new Ranked("v7", Verdict.NOT_READY, 0.01, 0.02, -0.5),
            new Ranked("v6", Verdict.NOT_READY, 0.01, 0.01, 0.02),
            new Ranked("v4", Verdict.NOT_READY, 0.01, 0.01, 0.01),
            new Ranked("v5", Verdict.NOT_READY, 0.01, 0.01, 0.01),
            new Ranked("v3", Verdict.NOT_READY, 0.01, null, 0.5),
            new Ranked("v2", Verdict.NOT_READY, null, 0.5, 0.5),
            new Ranked("v1", Verdict.HOLD, 0.9, 0.9, 0.9),
            new Ranked("v0", Verdict.REJECT, 0.9, 0.9, 0.9));

    @Test
    void verdicts_come_first_then_accuracy_brier_latency_and_the_name() {
        Random random = new Random(7);
        for (int i = 0; i < 50; i++) {
            List<Ranked> shuffled = new ArrayList<>(IN_ORDER);
            Collections.shuffle(shuffled, random);

            assertThat(Ranking.order(shuffled)).containsExactlyElementsOf(IN_ORDER);
        }
    }
}
