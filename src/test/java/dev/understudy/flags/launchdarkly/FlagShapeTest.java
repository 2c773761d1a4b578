package dev.understudy.flags.launchdarkly;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FlagShapeTest {
    @Test
    void a_flag_without_parts_that_look_at_who_asks_is_the_same_for_all() {
        assertThat(FlagShape.of(FlagJson.constant("f", 1, "\"v1\"")).sameForAll())
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"targets\":[{\"values\":[\"u\"],\"variation\":0}]",
                "\"contextTargets\":[{\"contextKind\":\"user\",\"values\":[\"u\"],\"variation\":0}]",
                "\"rules\":[{\"variation\":0,\"clauses\":[]}]",
                "\"prerequisites\":[{\"key\":\"other\",\"variation\":0}]",
                "\"fallthrough\":{\"rollout\":{\"variations\":[{\"variation\":0,\"weight\":100000}]}}"
            })
    void a_flag_with_a_part_that_looks_at_who_asks_is_not(String part) {
        String json =
                "{\"key\":\"f\",\"version\":1,\"on\":true,\"salt\":\"s\",\"variations\":[\"v1\",\"v2\"]," + part + "}";

        assertThat(FlagShape.of(json).sameForAll()).isFalse();
    }
}
