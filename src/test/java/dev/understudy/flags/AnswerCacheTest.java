package dev.understudy.flags;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.RoutingDecision;
import dev.understudy.domain.RoutingReason;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class AnswerCacheTest {
    private static final int TURN = 20_000;
    private static final Answer ANSWER = answer("v1");

    @Test
    void entities_that_share_a_slot_are_not_confused() {
        AnswerCache cache = new AnswerCache(1, false);
        Answer one = answer("v1");
        Answer two = answer("v2");
        cache.put("a", Map.of(), one);
        assertThat(cache.get("a", Map.of())).isSameAs(one);
        assertThat(cache.get("b", Map.of())).isNull();
        assertThat(cache.get("a", Map.of("region", "eu"))).isNull();

        cache.put("b", Map.of(), two);

        assertThat(cache.get("b", Map.of())).isSameAs(two);
        assertThat(cache.get("a", Map.of())).as("one slot holds one answer").isNull();
    }

    @Test
    void no_slots_remember_nothing() {
        AnswerCache cache = new AnswerCache(0, false);
        cache.put("a", Map.of(), answer("v1"));

        assertThat(cache.get("a", Map.of())).isNull();
        assertThatThrownBy(() -> new AnswerCache(3, false)).hasMessageContaining("was 3");
    }

    @Property(tries = 20)
    void twenty_thousand_entities_that_take_turns_are_nearly_all_remembered(
            @ForAll @StringLength(max = 40) String prefix,
            @ForAll @IntRange(max = 1_000_000) int first,
            @ForAll @Size(max = 3) Map<String, String> attributes) {
        AnswerCache cache = new AnswerCache(AnswerCache.SLOTS, false);
        turn(cache, prefix, first, attributes);

        assertThat(turn(cache, prefix, first, attributes)).isGreaterThan(19_500);
    }

    @Test
    void twenty_thousand_entities_that_come_to_a_full_cache_drive_out_those_that_came_before() {
        AnswerCache cache = new AnswerCache(AnswerCache.SLOTS, false);
        for (int other = 0; other < 20; other++) {
            turn(cache, "other-", other * TURN, Map.of());
        }
        for (int i = 0; i < 8; i++) {
            turn(cache, "entity-", 0, Map.of());
        }

        assertThat(turn(cache, "entity-", 0, Map.of())).isGreaterThan(19_000);
    }

    @Test
    void an_answer_put_again_is_the_one_remembered() {
        AnswerCache cache = new AnswerCache(8, false);
        Answer second = answer("v2");
        cache.put("a", Map.of(), answer("v1"));
        cache.put("a", Map.of(), second);

        assertThat(cache.get("a", Map.of())).isSameAs(second);
    }

    /** Asks for all in turn, as routing does; returns how many were remembered. */
    private static int turn(AnswerCache cache, String prefix, int first, Map<String, String> attributes) {
        int remembered = 0;
        for (int i = first; i < first + TURN; i++) {
            if (cache.get(prefix + i, attributes) == null) {
                cache.put(prefix + i, attributes, ANSWER);
            } else {
                remembered++;
            }
        }
        return remembered;
    }

    private static Answer answer(String version) {
        return new Answer(
                new Routing(
                        new RoutingDecision(new ModelVersion(version), "k", version, RoutingReason.DEFAULT), List.of()),
                0);
    }

    @Test
    void one_answer_does_for_all_that_have_an_id_where_the_flags_answer_alike() {
        AnswerCache cache = new AnswerCache(8, true);
        Answer answer = answer("v1");
        Answer refused = answer("v2");
        assertThat(cache.get("card-1", Map.of())).isNull();

        cache.put("card-1", Map.of(), answer);
        cache.put("", Map.of(), refused);

        assertThat(cache.get("card-2", Map.of("region", "eu"))).isSameAs(answer);
        assertThat(cache.get("", Map.of())).isSameAs(refused);
        assertThat(new AnswerCache(0, true).get("card-1", Map.of())).isNull();
    }
}
