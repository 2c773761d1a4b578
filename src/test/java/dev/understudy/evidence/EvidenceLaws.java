package dev.understudy.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/**
 * What must hold of every kind of evidence, whatever it counts.
 *
 * @param nothing makes evidence of nothing
 * @param add counts an observation
 */
record EvidenceLaws<E extends Evidence, O>(Supplier<E> nothing, BiConsumer<E, O> add) {
    E all(List<O> seen) {
        E evidence = nothing.get();
        seen.forEach(observation -> add.accept(evidence, observation));
        return evidence;
    }

    /** The bytes depend on the multiset of observations alone. */
    void assertCanonical(List<O> seen, long seed) {
        byte[] expected = all(seen).bytes();
        assertThat(shuffled(seen, seed)).as("another order").isEqualTo(expected);
        assertThat(merged(seen, seed)).as("parts merged").isEqualTo(expected);
        assertThat(resumed(seen)).as("read back before each observation").isEqualTo(expected);
        assertThat(mergedWithNothing(seen)).as("nothing merged").isEqualTo(expected);
        assertThat(Evidence.wrap(expected).bytes()).isSameAs(expected);
        assertThat(Evidence.wrap(expected)).hasSameClassAs(nothing.get());
    }

    private byte[] shuffled(List<O> seen, long seed) {
        List<O> order = new ArrayList<>(seen);
        Collections.shuffle(order, new Random(seed));
        return all(order).bytes();
    }

    private byte[] merged(List<O> seen, long seed) {
        Random random = new Random(seed);
        List<E> parts = new ArrayList<>();
        int count = 1 + random.nextInt(8);
        for (int i = 0; i < count; i++) {
            parts.add(nothing.get());
        }
        seen.forEach(observation -> add.accept(parts.get(random.nextInt(count)), observation));
        while (parts.size() > 1) {
            E into = parts.remove(random.nextInt(parts.size()));
            E from = parts.remove(random.nextInt(parts.size()));
            byte[] before = from.bytes().clone();
            into.merge(from);
            assertThat(from.bytes()).as("what was merged").isEqualTo(before);
            parts.add(into);
        }
        return parts.get(0).bytes();
    }

    @SuppressWarnings("unchecked")
    private byte[] resumed(List<O> seen) {
        E stored = nothing.get();
        for (O observation : seen) {
            stored = (E) Evidence.wrap(stored.bytes().clone());
            add.accept(stored, observation);
        }
        return stored.bytes();
    }

    private byte[] mergedWithNothing(List<O> seen) {
        E into = nothing.get();
        into.merge(all(seen));
        into.merge(nothing.get());
        return into.bytes();
    }

    /** Adding again what was already added, with counters wide enough, leaves the heap alone. */
    void assertNoAllocation(List<O> seen) {
        E evidence = nothing.get();
        for (int i = 0; i < 20; i++) {
            seen.forEach(observation -> add.accept(evidence, observation));
        }
        // Doubled until no counter outgrows its width while being measured.
        for (int i = 0; i < 14; i++) {
            evidence.merge(all(seen));
            evidence.merge(evidence);
        }
        for (int i = 0; i < 20; i++) {
            seen.forEach(observation -> add.accept(evidence, observation));
        }
        byte[] array = evidence.bytes();
        ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = thread.getCurrentThreadAllocatedBytes();
        for (O observation : seen) {
            add.accept(evidence, observation);
        }
        long allocated = thread.getCurrentThreadAllocatedBytes() - before;

        assertThat(evidence.bytes()).isSameAs(array);
        assertThat(allocated).as("bytes for %s observations", seen.size()).isLessThan(seen.size());
    }
}
