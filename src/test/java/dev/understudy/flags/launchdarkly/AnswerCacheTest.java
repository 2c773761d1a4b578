package dev.understudy.flags.launchdarkly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.RoutingDecision;
import dev.understudy.domain.RoutingReason;
import dev.understudy.flags.Routing;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AnswerCacheTest {
    @Test
    void entities_that_share_a_slot_are_not_confused() {
        AnswerCache cache = new AnswerCache(1);
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
        AnswerCache cache = new AnswerCache(0);
        cache.put("a", Map.of(), answer("v1"));

        assertThat(cache.get("a", Map.of())).isNull();
        assertThatThrownBy(() -> new AnswerCache(3)).hasMessageContaining("was 3");
    }

    private static Answer answer(String version) {
        return new Answer(
                new Routing(
                        new RoutingDecision(new ModelVersion(version), "k", version, RoutingReason.DEFAULT), List.of()),
                0,
                null);
    }
}
