package dev.understudy.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DistinctCountTest {
    @Property
    void small_sets_are_counted_exactly_however_often_their_members_come(
            @ForAll @Size(max = 400) List<@IntRange(min = 0, max = 250) Integer> members) {
        byte[] section = new byte[DistinctCount.SIZE];
        Set<Integer> distinct = new HashSet<>();
        for (int member : members) {
            DistinctCount.add(section, 0, fingerprint("m", member));
            distinct.add(member);
        }
        assertThat(DistinctCount.lowerBound(section, 0)).isEqualTo(distinct.size());
    }

    @ParameterizedTest
    @ValueSource(ints = {256, 300, 1_000, 5_000, 20_000, 100_000})
    void lower_bound_of_large_sets_is_below_the_truth_and_not_far(int size) {
        int above = 0;
        int sets = size > 10_000 ? 20 : 100;
        for (int set = 0; set < sets; set++) {
            byte[] section = new byte[DistinctCount.SIZE];
            for (int member = 0; member < size; member++) {
                DistinctCount.add(section, 0, fingerprint("set-" + set + "-", member));
            }
            long bound = DistinctCount.lowerBound(section, 0);
            assertThat(bound).isGreaterThan((long) (0.78 * size)).isGreaterThanOrEqualTo(256);
            if (bound > size) {
                above++;
            }
        }
        assertThat(above).as("of %s sets, at 0.1 %% each", sets).isLessThanOrEqualTo(1);
    }

    @Test
    void merging_is_adding_for_every_mix_of_sparse_and_dense() {
        int[] sizes = {0, 1, 100, 200, 255, 256, 300, 2_000};
        for (int left : sizes) {
            for (int right : sizes) {
                byte[] a = section(0, left);
                byte[] b = section(left / 2, left / 2 + right);
                byte[] both = section(0, left);
                for (int member = left / 2; member < left / 2 + right; member++) {
                    DistinctCount.add(both, 0, fingerprint("m", member));
                }
                byte[] ab = a.clone();
                DistinctCount.merge(ab, b, 0);
                byte[] ba = b.clone();
                DistinctCount.merge(ba, a, 0);
                assertThat(ab).as("%s and %s", left, right).isEqualTo(both).isEqualTo(ba);
            }
        }
    }

    private static byte[] section(int from, int to) {
        byte[] section = new byte[DistinctCount.SIZE];
        for (int member = from; member < to; member++) {
            DistinctCount.add(section, 0, fingerprint("m", member));
        }
        return section;
    }

    private static int fingerprint(String prefix, int member) {
        return (int) (EntityHash.of(prefix + member) >>> 32);
    }
}
