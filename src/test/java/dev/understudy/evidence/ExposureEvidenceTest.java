package dev.understudy.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

final class ExposureEvidenceTest {
    private static final EvidenceLaws<ExposureEvidence, ExposureObservation> LAWS =
            new EvidenceLaws<>(ExposureEvidence::create, ExposureEvidence::add);

    private final ExposureEvidence evidence = ExposureEvidence.create();

    /** More entities than the sample holds, each coming a few times. */
    @Provide
    Arbitrary<List<ExposureObservation>> requests() {
        return Combinators.combine(
                        Arbitraries.integers().between(0, 600).map(i -> EntityHash.of("entity-" + i)),
                        Arbitraries.longs().between(-1_000, 1_000),
                        Arbitraries.of(Arm.values()),
                        Arbitraries.of(true, true, true, false))
                .as(ExposureObservation::new)
                .list()
                .ofMaxSize(2_000);
    }

    @Property(tries = 40)
    void bytes_depend_on_the_requests_alone(@ForAll("requests") List<ExposureObservation> seen, @ForAll long seed) {
        LAWS.assertCanonical(seen, seed);
    }

    @Property(tries = 40)
    void sample_is_what_the_entities_with_the_smallest_hashes_did(@ForAll("requests") List<ExposureObservation> seen) {
        Map<Long, long[]> times = new HashMap<>();
        for (ExposureObservation request : seen) {
            if (request.byFlag() && request.served() != Arm.OTHER) {
                long[] lastAndFirst = times.computeIfAbsent(
                        request.entityHash(), hash -> new long[] {Long.MIN_VALUE, Long.MAX_VALUE});
                if (request.served() == Arm.PRODUCTION) {
                    lastAndFirst[0] = Math.max(lastAndFirst[0], request.eventTimeMillis());
                } else {
                    lastAndFirst[1] = Math.min(lastAndFirst[1], request.eventTimeMillis());
                }
            }
        }
        long violations = times.entrySet().stream()
                .sorted((a, b) -> Long.compareUnsigned(a.getKey(), b.getKey()))
                .limit(256)
                .filter(entry -> entry.getValue()[0] > entry.getValue()[1])
                .count();

        assertThat(LAWS.all(seen).stickiness()).isEqualTo(new Stickiness(Math.min(256, times.size()), violations));
    }

    @Test
    void nothing_seen_has_no_share() {
        assertThat(evidence.servedShare()).isEmpty();
        assertThat(evidence.stickiness()).isEqualTo(new Stickiness(0, 0));
    }

    @Test
    void arms_and_fallbacks_are_counted() {
        evidence.add(new ExposureObservation(1, 0, Arm.PRODUCTION, true));
        evidence.add(new ExposureObservation(2, 0, Arm.CANDIDATE, true));
        evidence.add(new ExposureObservation(3, 0, Arm.CANDIDATE, true));
        evidence.add(new ExposureObservation(3, 0, Arm.OTHER, false));

        assertThat(evidence.eligible()).isEqualTo(4);
        assertThat(evidence.served(Arm.PRODUCTION)).isEqualTo(1);
        assertThat(evidence.served(Arm.CANDIDATE)).isEqualTo(2);
        assertThat(evidence.served(Arm.OTHER)).isEqualTo(1);
        assertThat(evidence.fallbacks()).isEqualTo(1);
        assertThat(evidence.servedShare().orElseThrow().mean()).isEqualTo(0.5);
        assertThat(evidence.servedShare().orElseThrow().s2()).isEqualTo(0.25);
    }

    @Test
    void share_of_sticky_entities_varies_more_than_that_of_requests() {
        for (int i = 0; i < 20_000; i++) {
            int entity = i % 200;
            evidence.add(new ExposureObservation(
                    EntityHash.of("user-" + entity), i, entity % 4 == 0 ? Arm.CANDIDATE : Arm.PRODUCTION, true));
        }
        GateStatistics share = evidence.servedShare().orElseThrow();

        assertThat(share.mean()).isEqualTo(0.25);
        assertThat(share.users()).isEqualTo(200);
        assertThat(share.vUsers()).isGreaterThan(10 * share.vIid());
    }

    @Test
    void return_to_production_is_a_violation_and_the_beginning_of_a_rollout_is_none() {
        evidence.add(new ExposureObservation(1, 10, Arm.PRODUCTION, true));
        evidence.add(new ExposureObservation(1, 20, Arm.CANDIDATE, true));
        evidence.add(new ExposureObservation(2, 20, Arm.CANDIDATE, true));
        evidence.add(new ExposureObservation(2, 30, Arm.PRODUCTION, true));
        evidence.add(new ExposureObservation(3, 20, Arm.CANDIDATE, true));
        evidence.add(new ExposureObservation(3, 30, Arm.PRODUCTION, false));

        assertThat(evidence.stickiness()).isEqualTo(new Stickiness(3, 1));
    }

    @Test
    void adding_does_not_allocate_once_warm() {
        Random random = new Random(3);
        List<ExposureObservation> seen = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            seen.add(new ExposureObservation(
                    random.nextLong(), i, random.nextBoolean() ? Arm.CANDIDATE : Arm.PRODUCTION, true));
        }
        LAWS.assertNoAllocation(seen);
    }

    @Test
    void bytes_of_an_unknown_kind_are_refused() {
        byte[] unknown = evidence.bytes().clone();
        unknown[1] = 9;

        assertThatThrownBy(() -> Evidence.wrap(unknown)).hasMessageContaining("kind 1 to 4, was 9");
        assertThatThrownBy(() -> Evidence.wrap(new byte[0])).hasMessageContaining("none");
    }
}
