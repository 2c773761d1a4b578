package dev.understudy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.avro.ReadinessSummary;
import dev.understudy.avro.StageState;
import dev.understudy.avro.Verdict;
import dev.understudy.domain.ModelVersion;
import dev.understudy.kafka.avro.TrustedRecords;
import dev.understudy.report.Decided;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What lets a deployment pipeline go on, and what does not. */
final class ReadinessGateTest {
    private static final long EPOCH = 3;
    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");

    @BeforeAll
    static void trustRecords() {
        TrustedRecords.trust();
    }

    private static Optional<String> asJudged(ModelVersion version) {
        return Optional.of("sha256 of " + version.name());
    }

    private static ReadinessSummary.Builder ready() {
        return Decided.on("v2", NOW, NOW.plusSeconds(30), Decided.models("sha256 of v1", "sha256 of v2"))
                .setVerdict(Verdict.READY)
                .setExplanation("NOT_READY at 5 %: accuracy is undecided.")
                .setStage(StageState.newBuilder().setPercent(5).setEpoch(EPOCH).build())
                .setNotBefore(NOW.minusSeconds(1));
    }

    @Test
    void ready_that_has_not_expired_for_the_files_on_disk_goes_on() {
        assertThat(ReadinessGate.refusal(
                        ready().build(), OptionalLong.of(EPOCH), null, ReadinessGateTest::asJudged, NOW))
                .isEmpty();
        assertThat(ReadinessGate.refusal(ready().build(), OptionalLong.of(EPOCH), 25, ReadinessGateTest::asJudged, NOW))
                .isEmpty();
    }

    @Test
    void expired_summary_does_not() {
        assertThat(ReadinessGate.refusal(
                        ready().build(),
                        OptionalLong.of(EPOCH),
                        null,
                        ReadinessGateTest::asJudged,
                        NOW.plusSeconds(31)))
                .hasValueSatisfying(why -> assertThat(why).contains("valid until 2026-11-22T12:00:30Z"));
    }

    @Test
    void any_other_verdict_does_not_and_says_why() {
        for (Verdict verdict : List.of(Verdict.HOLD, Verdict.REJECT, Verdict.NOT_READY)) {
            assertThat(ReadinessGate.refusal(
                            ready().setVerdict(verdict).build(),
                            OptionalLong.of(EPOCH),
                            null,
                            ReadinessGateTest::asJudged,
                            NOW))
                    .contains("NOT_READY at 5 %: accuracy is undecided.");
        }
    }

    @Test
    void another_stage_than_the_next_does_not() {
        assertThat(ReadinessGate.refusal(ready().build(), OptionalLong.of(EPOCH), 50, ReadinessGateTest::asJudged, NOW))
                .contains("READY is for 25 %, not for 50 %");
    }

    @Test
    void decision_on_an_earlier_epoch_than_the_declared_one_does_not() {
        assertThat(ReadinessGate.refusal(
                        ready().build(), OptionalLong.of(EPOCH + 1), null, ReadinessGateTest::asJudged, NOW))
                .contains("the decision is on epoch 3, and the stage that is declared now is epoch 4");
        assertThat(ReadinessGate.refusal(ready().build(), OptionalLong.empty(), null, ReadinessGateTest::asJudged, NOW))
                .isEmpty();
    }

    @Test
    void stage_that_has_not_lasted_its_hold_does_not() {
        assertThat(ReadinessGate.refusal(
                        ready().setNotBefore(NOW.plusSeconds(5)).build(),
                        OptionalLong.of(EPOCH),
                        null,
                        ReadinessGateTest::asJudged,
                        NOW))
                .contains("the next stage may not start before 2026-11-22T12:00:05Z");
    }

    @Test
    void other_files_than_those_judged_do_not() {
        Function<ModelVersion, Optional<String>> replaced =
                version -> Optional.of(version.name().equals("v2") ? "another" : "sha256 of v1");

        assertThat(ReadinessGate.refusal(ready().build(), OptionalLong.of(EPOCH), null, replaced, NOW))
                .hasValueSatisfying(
                        why -> assertThat(why).contains("version v2 is not the one that was judged", "another here"));
        assertThat(ReadinessGate.refusal(
                        ready().build(), OptionalLong.of(EPOCH), null, version -> Optional.empty(), NOW))
                .hasValueSatisfying(why -> assertThat(why).contains("version v1 has no readable model"));
    }
}
