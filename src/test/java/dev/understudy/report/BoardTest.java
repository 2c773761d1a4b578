package dev.understudy.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.understudy.avro.Divergence;
import dev.understudy.avro.LatencySummary;
import dev.understudy.avro.ReadinessSummary;
import dev.understudy.avro.Verdict;
import dev.understudy.avro.WindowStatus;
import dev.understudy.avro.WindowSummary;
import dev.understudy.kafka.avro.TrustedRecords;
import java.time.Instant;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

final class BoardTest {
    private static final Instant NOW = Instant.parse("2026-11-27T03:00:00Z");
    private static final String PAIR = "fraud/v1/v2";

    private final Board board = new Board();

    static {
        TrustedRecords.trust();
    }

    private static ConsumerRecord<String, ReadinessSummary> decision(Instant at, Verdict verdict, double share) {
        ReadinessSummary.Builder decided = Decided.on("v2", at, at.plusSeconds(30), Decided.models("a", "b"))
                .setVerdict(verdict);
        decided.getExposureBuilder().setServedShare(share);
        return new ConsumerRecord<>("rollout-readiness", 0, 0, PAIR + "/all", decided.build());
    }

    @Test
    void a_verdict_is_told_again_only_when_it_turns() {
        board.decision(decision(NOW, Verdict.NOT_READY, 0.05));
        board.decision(decision(NOW.plusSeconds(1), Verdict.NOT_READY, 0.05));
        board.decision(decision(NOW.plusSeconds(2), Verdict.READY, 0.05));

        JsonNode turns =
                board.state(NOW.plusSeconds(3)).path("pairs").path(PAIR).path("turns");
        assertThat(turns.findValuesAsText("verdict")).containsExactly("NOT_READY", "READY");
    }

    @Test
    void decisions_are_told_once_the_topics_were_read_to_their_end() {
        board.decision(decision(NOW, Verdict.READY, 0.05));
        assertThat(board.decisions(NOW)).isEmpty();
        assertThat(board.isFollowed()).isFalse();
        assertThat(board.state(NOW).path("problem").asText()).contains("not been read to their end");

        board.followed(true, null, 2);
        assertThat(board.decisions(NOW)).hasSize(1);
        assertThat(board.isFollowed()).isTrue();
        assertThat(board.state(NOW).path("leftOut").asInt()).isEqualTo(2);

        board.followed(true, "no Kafka broker answered", 2);
        assertThat(board.isFollowed()).isFalse();
    }

    @Test
    void a_window_is_replaced_by_its_later_record_whatever_its_epoch() {
        board.window(window(NOW, 0, 10));
        board.window(window(NOW.plusSeconds(60), 0, 20));
        long before = board.version();
        board.window(window(NOW, 1, 11));

        assertThat(board.windowsSince(-1)).hasSize(2);
        assertThat(board.windowsSince(before)).hasSize(1).allMatch(json -> json.contains("\"compared\":11"));
    }

    @Test
    void windows_and_pairs_are_bounded_and_those_heard_of_last_stay() {
        for (int minute = 0; minute < 1_500; minute++) {
            board.window(window(NOW.plusSeconds(60L * minute), 0, minute));
        }
        assertThat(board.windowsSince(-1)).hasSize(1_440).anyMatch(json -> json.contains("\"compared\":1499"));
        for (int pair = 0; pair < 40; pair++) {
            board.window(window("c" + pair, NOW, 0, 1));
            board.window(window(NOW.plusSeconds(60L * 1_500), 0, 7));
        }
        JsonNode pairs = board.state(NOW).path("pairs");
        assertThat(pairs).hasSize(16);
        assertThat(pairs.has(PAIR)).isTrue();
    }

    private static ConsumerRecord<String, WindowSummary> window(Instant start, long epoch, long compared) {
        return window("v2", start, epoch, compared);
    }

    private static ConsumerRecord<String, WindowSummary> window(
            String candidate, Instant start, long epoch, long compared) {
        LatencySummary none =
                LatencySummary.newBuilder().setCount(0).setRelativeError(0).build();
        WindowSummary window = WindowSummary.newBuilder()
                .setModel("fraud")
                .setProductionVersion("v1")
                .setCandidateVersion(candidate)
                .setEpoch(epoch)
                .setSegment("all")
                .setWindowStart(start)
                .setWindowEnd(start.plusSeconds(60))
                .setFinal$(false)
                .setStatus(WindowStatus.TRAFFIC)
                .setCompared(compared)
                .setFailed(0)
                .setTimedOut(0)
                .setQuarantined(0)
                .setShed(0)
                .setProductionErrors(0)
                .setProductionLatency(none)
                .setCandidateLatency(none)
                .setDivergence(Divergence.newBuilder()
                        .setN(0)
                        .setInvalidProd(0)
                        .setInvalidCand(0)
                        .build())
                .build();
        return new ConsumerRecord<>("shadow-metrics", 0, 0, PAIR + "/" + start, window);
    }

    @Test
    void a_topic_that_is_read_again_turns_nothing_back() {
        board.decision(decision(NOW, Verdict.NOT_READY, 0.05));
        board.decision(decision(NOW.plusSeconds(1), Verdict.READY, 0.05));
        board.decision(decision(NOW, Verdict.NOT_READY, 0.05));
        board.decision(decision(NOW.plusSeconds(1), Verdict.READY, 0.05));

        JsonNode state = board.state(NOW.plusSeconds(2));
        assertThat(state.path("decisions").path(0).path("verdict").asText()).isEqualTo("READY");
        assertThat(state.path("pairs").path(PAIR).path("turns").findValuesAsText("verdict"))
                .containsExactly("NOT_READY", "READY");
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
    void a_decision_that_has_expired_is_hold_on_the_page_too() {
        board.decision(decision(NOW, Verdict.READY, 0.05));
        JsonNode shown = board.state(NOW.plusSeconds(31)).path("decisions").path(0);
        assertThat(shown.path("verdict").asText()).isEqualTo("HOLD");
        assertThat(shown.path("reasons").path(0).path("code").asText()).isEqualTo("EXPIRED");
    }
}
