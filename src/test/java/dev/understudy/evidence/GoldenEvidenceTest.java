package dev.understudy.evidence;

import static dev.understudy.domain.GoldenBytes.assertInflatedWrittenAsBefore;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.domain.Task;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Evidence as an earlier build wrote it: the same observations give the same bytes, and they say the same. */
final class GoldenEvidenceTest {
    private static final long NOON = 1_764_244_800_000L;
    private static final int OBSERVATIONS = 60;

    private static Answer answer(int n, double score) {
        return new Answer(n % 13 == 0, score, score >= 0.5 ? "1" : "0", Map.of(), 40_000 + 997L * n);
    }

    private static PairEvidence pairs(Detail detail) {
        PairEvidence evidence = PairEvidence.create(detail, EvidenceShape.standard());
        for (int n = 0; n < OBSERVATIONS; n++) {
            evidence.add(PairObservation.of(
                    "card-" + n % 7,
                    NOON + 700L * n,
                    Task.BINARY,
                    List.of("0", "1"),
                    n % 20 == 19 ? CandidateStatus.TIMED_OUT : CandidateStatus.COMPARED,
                    true,
                    answer(n, n / 60.0),
                    n % 20 == 19 ? Answer.none() : answer(n + 1, n * n / 3_600.0)));
        }
        return evidence;
    }

    private static BatchEvidence batches() {
        BatchEvidence evidence = BatchEvidence.create(EvidenceShape.standard());
        for (int n = 0; n < OBSERVATIONS; n++) {
            evidence.add(new BatchObservation(
                    NOON + 700L * n, 1 + n % 5, 50_000 + 31L * n, 60_000 + 17L * n, 51_000, n == 7, n == 8));
        }
        return evidence;
    }

    private static ExposureEvidence exposure() {
        ExposureEvidence evidence = ExposureEvidence.create();
        for (int n = 0; n < OBSERVATIONS; n++) {
            evidence.add(new ExposureObservation(
                    EntityHash.of("card-" + n % 7),
                    NOON + 700L * n,
                    n % 7 == 3 ? Arm.CANDIDATE : Arm.PRODUCTION,
                    n % 11 != 0));
        }
        return evidence;
    }

    private static OutcomeEvidence outcomes(Detail detail) {
        OutcomeEvidence evidence = OutcomeEvidence.create(detail, EvidenceShape.standard());
        for (int n = 0; n < OBSERVATIONS; n++) {
            evidence.add(new OutcomeObservation(
                    EntityHash.of("card-" + n % 7),
                    Task.BINARY,
                    List.of("0", "1"),
                    n % 7 == 3 ? Arm.CANDIDATE : Arm.PRODUCTION,
                    true,
                    answer(1, n / 60.0),
                    answer(2, n * n / 3_600.0),
                    new Truth(n > 40 ? "1" : "0", null, n % 9 == 0 ? 0.25 : null)));
        }
        return evidence;
    }

    @Test
    void evidence_of_pairs_of_an_earlier_build_in_full_and_as_gates_need_it_is_read_and_would_be_written_again() {
        PairEvidence before = PairEvidence.wrap(assertInflatedWrittenAsBefore(
                "evidence.pairs.full", pairs(Detail.FULL).bytes()));
        assertThat(before.count(CandidateStatus.COMPARED)).isEqualTo(57);
        assertThat(before.count(CandidateStatus.TIMED_OUT)).isEqualTo(3);

        assertInflatedWrittenAsBefore(
                "evidence.pairs.gates", pairs(Detail.GATES).bytes());
    }

    @Test
    void evidence_of_batches_of_an_earlier_build_is_read_and_would_be_written_again() {
        byte[] before =
                assertInflatedWrittenAsBefore("evidence.batches", batches().bytes());
        assertThat(BatchEvidence.wrap(before).batches()).isEqualTo(OBSERVATIONS);
    }

    @Test
    void evidence_of_exposure_of_an_earlier_build_is_read_and_would_be_written_again() {
        byte[] before =
                assertInflatedWrittenAsBefore("evidence.exposure", exposure().bytes());
        assertThat(ExposureEvidence.wrap(before).eligible()).isEqualTo(OBSERVATIONS);
    }

    @Test
    void evidence_of_outcomes_of_an_earlier_build_in_full_and_as_gates_need_it_is_read_and_would_be_written_again() {
        byte[] before = assertInflatedWrittenAsBefore(
                "evidence.outcomes.full", outcomes(Detail.FULL).bytes());
        assertThat(OutcomeEvidence.wrap(before).accuracy().labelled()).isEqualTo(OBSERVATIONS);

        assertInflatedWrittenAsBefore(
                "evidence.outcomes.gates", outcomes(Detail.GATES).bytes());
    }
}
