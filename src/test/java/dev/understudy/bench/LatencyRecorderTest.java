package dev.understudy.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.stream.IntStream;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

/** When requests are due, and what is made of the answers. */
final class LatencyRecorderTest {
    private static final long START = -5_000_000_000L;
    private static final int RATE = 1_000;
    private static final long MILLI = Duration.ofMillis(1).toNanos();
    private static final Percentage THREE_DIGITS = Percentage.withPercentage(0.1);

    private final SendSchedule schedule = new SendSchedule(START, RATE);

    /** Answers every request so long after it was due. */
    private void answerAll(LatencyRecorder recorder, int count, long nanos) {
        for (int sequence = 0; sequence < count; sequence++) {
            recorder.answered(sequence, schedule.intendedNanos(sequence) + nanos);
        }
    }

    @Test
    void requests_are_due_evenly_and_without_drift() {
        SendSchedule thirds = new SendSchedule(START, 3);

        assertThat(IntStream.range(0, 5).mapToLong(thirds::intendedNanos).map(due -> due - START))
                .containsExactly(0L, 333_333_333L, 666_666_666L, 1_000_000_000L, 1_333_333_333L);
        assertThat(thirds.intendedNanos(3L * 86_400 * 365) - START)
                .isEqualTo(Duration.ofDays(365).toNanos());
    }

    @Test
    void stall_of_the_reader_makes_every_request_late_that_was_due_meanwhile() {
        int requests = 10_000;
        long stallFrom = schedule.intendedNanos(5_000);
        long stallTo = stallFrom + 500 * MILLI;
        LatencyRecorder recorder = new LatencyRecorder(schedule, 0, requests);
        for (int sequence = 0; sequence < requests; sequence++) {
            long readable = schedule.intendedNanos(sequence) + MILLI;
            recorder.answered(sequence, readable > stallFrom && readable < stallTo ? stallTo : readable);
        }

        LatencyFigures figures = recorder.figures();

        // 5 % of the requests were due in the stall, their latencies spread evenly up to its 500 ms.
        assertThat(figures.p50Millis()).isCloseTo(1, THREE_DIGITS);
        assertThat(figures.p99Millis()).isCloseTo(400, within(3.0));
        assertThat(figures.p999Millis()).isCloseTo(490, within(3.0));
        assertThat(figures.maxMillis()).isCloseTo(500, within(2.0));
    }

    @Test
    void warm_up_is_awaited_but_not_measured() {
        LatencyRecorder recorder = new LatencyRecorder(schedule, 10, 20);
        for (int sequence = 0; sequence < 10; sequence++) {
            recorder.answered(sequence, schedule.intendedNanos(sequence) + 900 * MILLI);
        }
        assertThat(recorder.isComplete()).isFalse();
        assertThat(recorder.figures().missing()).isEqualTo(20);
        for (int sequence = 10; sequence < 30; sequence++) {
            recorder.answered(sequence, schedule.intendedNanos(sequence) + 2 * MILLI);
        }

        assertThat(recorder.isComplete()).isTrue();
        assertThat(recorder.figures().requests()).isEqualTo(20);
        assertThat(recorder.figures().missing()).isZero();
        assertThat(recorder.figures().maxMillis()).isCloseTo(2, THREE_DIGITS);
    }

    @Test
    void repeats_and_missing_are_counted_and_the_first_answer_is_the_one_that_counts() {
        LatencyRecorder recorder = new LatencyRecorder(schedule, 0, 100);
        answerAll(recorder, 90, MILLI);
        answerAll(recorder, 30, 700 * MILLI);

        LatencyFigures figures = recorder.figures();

        assertThat(recorder.isComplete()).isFalse();
        assertThat(figures.repeats()).isEqualTo(30);
        assertThat(figures.missing()).isEqualTo(10);
        assertThat(figures.maxMillis()).isCloseTo(1, THREE_DIGITS);
    }

    @Test
    void answers_to_requests_of_another_time_are_not_looked_at() {
        LatencyRecorder recorder = new LatencyRecorder(schedule, 5, 5);
        recorder.answered(-1, START);
        recorder.answered(10, START);

        assertThat(recorder.figures().repeats()).isZero();
        assertThat(recorder.figures().missing()).isEqualTo(10);
    }

    @Test
    void number_of_a_request_is_found_in_the_bytes_of_its_prediction() {
        assertThat(PredictionTimes.requestNumber(prediction("request-0"))).isZero();
        assertThat(PredictionTimes.requestNumber(prediction("request-9876543210")))
                .isEqualTo(9_876_543_210L);
    }

    /** As far as the request id. */
    private static byte[] prediction(String requestId) {
        byte[] id = requestId.getBytes(StandardCharsets.UTF_8);
        byte[] bytes = new byte[BareCodec.WIRE_PREFIX + 1 + id.length + 3];
        bytes[BareCodec.WIRE_PREFIX] = (byte) (2 * id.length);
        System.arraycopy(id, 0, bytes, BareCodec.WIRE_PREFIX + 1, id.length);
        return bytes;
    }

    @Test
    void share_of_saturation_becomes_a_rate() {
        assertThat(LatencyRate.parse("80%").perSecond(12_345)).isEqualTo(9_876);
        assertThat(LatencyRate.parse("80%").perSecond(0.1)).isEqualTo(1);
        assertThat(LatencyRate.parse("1000").perSecond(12_345)).isEqualTo(1_000);
    }
}
