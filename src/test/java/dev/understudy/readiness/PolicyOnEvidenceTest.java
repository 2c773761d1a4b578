package dev.understudy.readiness;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.understudy.domain.References;
import dev.understudy.domain.Task;
import dev.understudy.evidence.Answer;
import dev.understudy.evidence.Arm;
import dev.understudy.evidence.BatchEvidence;
import dev.understudy.evidence.BatchObservation;
import dev.understudy.evidence.CandidateEvidence;
import dev.understudy.evidence.CandidateStatus;
import dev.understudy.evidence.Detail;
import dev.understudy.evidence.EntityHash;
import dev.understudy.evidence.EvidenceShape;
import dev.understudy.evidence.ExposureEvidence;
import dev.understudy.evidence.ExposureObservation;
import dev.understudy.evidence.OutcomeEvidence;
import dev.understudy.evidence.OutcomeObservation;
import dev.understudy.evidence.PairEvidence;
import dev.understudy.evidence.PairObservation;
import dev.understudy.evidence.SegmentEvidence;
import dev.understudy.evidence.Truth;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The policy on evidence as the pipeline collects it: requests, batches, outcomes and exposure of one candidate. */
final class PolicyOnEvidenceTest {
    private static final Instant START = Instant.parse("2026-11-01T00:00:00Z");
    private static final Instant NOW = START.plus(Duration.ofHours(40));
    private static final int REQUESTS = 20_000;
    private static final References REFERENCES =
            References.none().withTailNanos(1_000_000).withBounds(OptionalDouble.empty(), OptionalDouble.of(100));
    private static final EvidenceShape SHAPE = EvidenceShape.standard().withReferences(REFERENCES);
    private static final StageFacts AT_25 = new StageFacts(3, 25, START, Duration.ofHours(24), Map.of(), REFERENCES, 1);
    private static final List<String> REGIONS = List.of("region=eu", "region=jp", "region=us", "region=za");

    private final PairEvidence pairs = PairEvidence.create(Detail.FULL, SHAPE);
    private final BatchEvidence batches = BatchEvidence.create(SHAPE);
    private final OutcomeEvidence outcomes = OutcomeEvidence.create(Detail.FULL, SHAPE);
    private final ExposureEvidence exposure = ExposureEvidence.create();
    private final Map<String, SegmentEvidence> segments = new TreeMap<>();

    /** Every entity calls twice; of the entities of a region, a share gets a wrong label from the candidate alone. */
    private ReadinessPolicy.Decisions decide(double wrongInJapan) {
        REGIONS.forEach(region -> segments.put(
                region,
                new SegmentEvidence(
                        PairEvidence.create(Detail.GATES, SHAPE), OutcomeEvidence.create(Detail.GATES, SHAPE))));
        for (int i = 0; i < REQUESTS; i++) {
            request(i, wrongInJapan);
        }
        for (int i = 0; i < 8_000; i++) {
            batches.add(new BatchObservation(time(i, 8_000), 16, 500_000, 505_000, 500_000, false, false));
        }
        return new ReadinessPolicy(ReadinessSettings.standard())
                .decide(
                        new CandidateEvidence(pairs, batches, outcomes, exposure),
                        segments,
                        AT_25,
                        InputHealth.fresh(),
                        NOW);
    }

    private void request(int i, double wrongInJapan) {
        int entity = i % (REQUESTS / 2);
        String name = "entity-" + entity;
        String region = REGIONS.get(entity % REGIONS.size());
        // The candidate is right where production is wrong about as often as the other way round.
        boolean japan = region.equals("region=jp");
        boolean candidateWrong = japan && entity / 4 % 1_000 < 1_000 * wrongInJapan;
        boolean productionWrong = !japan && entity / 4 % 1_000 < 1_000 * wrongInJapan / 3;
        Arm served = entity / 4 % 4 == 0 ? Arm.CANDIDATE : Arm.PRODUCTION;
        Answer production = answer(productionWrong);
        Answer candidate = answer(candidateWrong);
        PairObservation pair = PairObservation.of(
                name,
                time(i, REQUESTS),
                Task.BINARY,
                List.of("0", "1"),
                CandidateStatus.COMPARED,
                true,
                production,
                candidate);
        OutcomeObservation outcome = new OutcomeObservation(
                EntityHash.of(name),
                Task.BINARY,
                List.of("0", "1"),
                served,
                true,
                production,
                candidate,
                new Truth("1", null, served == Arm.CANDIDATE ? 12.0 : 11.0));
        SegmentEvidence segment = requireNonNull(segments.get(region));
        for (PairEvidence evidence : List.of(pairs, segment.pairs())) {
            evidence.add(pair);
        }
        for (OutcomeEvidence evidence : List.of(outcomes, segment.outcomes())) {
            evidence.expect();
            evidence.add(outcome);
        }
        exposure.add(new ExposureObservation(EntityHash.of(name), time(i, REQUESTS), served, true));
    }

    private static Answer answer(boolean wrong) {
        return new Answer(false, wrong ? 0.4 : 0.6, wrong ? "0" : "1", Map.of(), 500_000);
    }

    private static long time(int i, int n) {
        return START.plus(Duration.ofHours(40).multipliedBy(i).dividedBy(n)).toEpochMilli();
    }

    @Test
    void candidate_that_does_as_well_is_ready_by_every_gate() {
        ReadinessPolicy.Decisions decisions = decide(0.003);
        Readiness all = decisions.all();

        assertThat(all.explanation()).startsWith("READY for 50 % from 2026-11-02 00:00 UTC: ");
        assertThat(all.gates())
                .extracting(GateResult::name)
                .containsExactly(
                        "errors",
                        "tail-latency",
                        "typical-latency",
                        "flips",
                        "score-shift",
                        "accuracy",
                        "brier",
                        "business-value");
        assertThat(all.gates()).extracting(GateResult::status).containsOnly(GateStatus.PASS);
        assertThat(all.servedShare()).isEqualTo(0.25);
        Arms arms = requireNonNull(all.arms());
        assertThat(arms.candidateN()).isEqualTo(REQUESTS / 4);
        assertThat(arms.productionN()).isEqualTo(REQUESTS * 3 / 4);
        assertThat(arms.difference()).isCloseTo(1.0, within(1e-6));
        assertThat(decisions.bySegment()).containsOnlyKeys(REGIONS);
    }

    @Test
    void harm_to_one_region_that_the_whole_makes_up_for_is_found_and_named() {
        ReadinessPolicy.Decisions decisions = decide(0.09);
        Readiness all = decisions.all();

        assertThat(all.gates())
                .filteredOn(gate -> gate.gate() == Gate.ACCURACY)
                .extracting(GateResult::observed)
                .containsExactly(0.0);
        assertThat(all.gates()).extracting(GateResult::status).doesNotContain(GateStatus.FAIL);
        assertThat(all.verdict()).isEqualTo(Verdict.REJECT);
        assertThat(all.reasons()).extracting(Reason::code).containsOnly("SLICE_HARM");
        assertThat(all.slices())
                .filteredOn(Slice::flagged)
                .extracting(slice -> slice.segment() + " " + slice.gate().key())
                .contains("region=jp accuracy");
        assertThat(all.slices())
                .filteredOn(Slice::flagged)
                .extracting(Slice::segment)
                .containsOnly("region=jp");
        assertThat(requireNonNull(decisions.bySegment().get("region=jp")).verdict())
                .isEqualTo(Verdict.REJECT);
        assertThat(requireNonNull(decisions.bySegment().get("region=eu")).verdict())
                .isNotEqualTo(Verdict.REJECT);
    }

    @Test
    void tail_reference_that_production_itself_does_not_fit_is_not_judged_by() {
        assertThat(tailLatency(10_000).reason()).isEqualTo("REFERENCE_IMPLAUSIBLE");
        assertThat(tailLatency(10_000_000).reason()).isEqualTo("REFERENCE_IMPLAUSIBLE");
        assertThat(tailLatency(1_000_000).status()).isEqualTo(GateStatus.PASS);
    }

    @Test
    void harm_that_is_proven_against_an_implausible_reference_stays_proven() {
        assertThat(tailLatency(10_000_000, 20_000_000).status()).isEqualTo(GateStatus.FAIL);
    }

    /** Every batch of both versions takes about half a millisecond. */
    private static GateResult tailLatency(long tailNanos) {
        return tailLatency(tailNanos, 505_000);
    }

    private static GateResult tailLatency(long tailNanos, long candidateNanos) {
        References references = References.none().withTailNanos(tailNanos);
        BatchEvidence measured = BatchEvidence.create(EvidenceShape.standard().withReferences(references));
        for (int i = 0; i < 8_000; i++) {
            measured.add(new BatchObservation(time(i, 8_000), 16, 500_000, candidateNanos, 500_000, false, false));
        }
        return new ReadinessPolicy(ReadinessSettings.standard())
                        .decide(
                                new CandidateEvidence(
                                        PairEvidence.create(Detail.FULL),
                                        measured,
                                        OutcomeEvidence.create(Detail.FULL, SHAPE),
                                        ExposureEvidence.create()),
                                Map.of(),
                                AT_25,
                                InputHealth.fresh(),
                                NOW)
                        .all()
                        .gates()
                        .stream()
                        .filter(gate -> gate.gate() == Gate.TAIL_LATENCY)
                        .findFirst()
                        .orElseThrow();
    }

    @Test
    void nothing_known_is_hold() {
        ReadinessPolicy.Decisions decisions = new ReadinessPolicy(ReadinessSettings.standard())
                .decide(
                        CandidateEvidence.none(EvidenceShape.standard()),
                        Map.of(),
                        StageFacts.implicit(),
                        new InputHealth(null, null, null, 0, 0),
                        NOW);

        assertThat(decisions.all().verdict()).isEqualTo(Verdict.HOLD);
        assertThat(decisions.all().reasons()).extracting(Reason::code).containsExactly("NO_TRAFFIC");
        assertThat(decisions.bySegment()).isEmpty();
    }

    @Test
    void pairs_that_cannot_be_compared_hold() {
        pairs.add(PairObservation.of(
                "entity",
                START.toEpochMilli(),
                Task.BINARY,
                List.of("0", "1"),
                CandidateStatus.COMPARED,
                false,
                answer(false),
                answer(false)));

        assertThat(decide(0.003).all().reasons()).extracting(Reason::code).containsExactly("SCHEMA_MISMATCH");
    }
}
