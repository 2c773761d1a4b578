package dev.understudy.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.understudy.avro.ReadinessSummary;
import dev.understudy.avro.Verdict;
import dev.understudy.domain.DeclaredStage;
import dev.understudy.domain.ModelPair;
import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.References;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class BoardTest {
    private static final Instant NOW = Instant.parse("2026-11-27T03:00:00Z");
    private static final String PAIR = "fraud/v1/v2";

    private final Board board = new Board();

    private static ConsumerRecord<String, ReadinessSummary> decision(Instant at, Verdict verdict, double share) {
        ReadinessSummary.Builder decided = Decided.on("v2", at, at.plusSeconds(30), Decided.models("a", "b"))
                .setVerdict(verdict);
        decided.getExposureBuilder().setServedShare(share);
        return new ConsumerRecord<>("rollout-readiness", 0, 0, PAIR + "/all", decided.build());
    }

    private static ConsumerRecord<String, DeclaredStage> stage(@Nullable DeclaredStage stage) {
        return new ConsumerRecord<>("rollout-stages", 0, 0, PAIR, stage);
    }

    @Test
    void a_verdict_is_told_again_only_when_it_turns() {
        board.decision(decision(NOW, Verdict.NOT_READY, 0.05));
        board.decision(decision(NOW.plusSeconds(1), Verdict.NOT_READY, 0.05));
        board.decision(decision(NOW.plusSeconds(2), Verdict.READY, 0.05));

        JsonNode turns =
                board.state(NOW.plusSeconds(3)).path("pairs").path(PAIR).path("turns");
        assertThat(turns.findValuesAsText("verdict")).containsExactly("NOT_READY", "READY");
        assertThat(board.decisions(NOW)).hasSize(1);
    }

    @Test
    void served_shares_cover_a_long_stage_in_a_bounded_number_of_points() {
        for (int second = 0; second < 10_000; second++) {
            board.decision(decision(NOW.plusSeconds(second), Verdict.NOT_READY, second / 10_000.0));
        }
        JsonNode shares =
                board.state(NOW.plusSeconds(10_000)).path("pairs").path(PAIR).path("shares");
        assertThat(shares.size()).isBetween(120, 240);
        assertThat(shares.get(0).path("served").asDouble()).isZero();
        assertThat(shares.get(shares.size() - 1).path("served").asDouble()).isGreaterThan(0.98);
    }

    @Test
    void an_ended_stage_is_gone() {
        board.stage(stage(new DeclaredStage(
                new ModelPair("fraud", new ModelVersion("v1"), new ModelVersion("v2")),
                3,
                5,
                NOW,
                Duration.ofHours(24),
                Map.of(),
                References.none(),
                1)));
        assertThat(board.state(NOW).path("stages").path(0).path("epoch").asInt())
                .isEqualTo(3);
        board.stage(stage(null));
        assertThat(board.state(NOW).path("stages")).isEmpty();
    }

    @Test
    void a_decision_that_has_expired_is_hold_on_the_page_too() {
        board.decision(decision(NOW, Verdict.READY, 0.05));
        JsonNode shown = board.state(NOW.plusSeconds(31)).path("decisions").path(0);
        assertThat(shown.path("verdict").asText()).isEqualTo("HOLD");
        assertThat(shown.path("reasons").path(0).path("code").asText()).isEqualTo("EXPIRED");
    }
}
