package dev.understudy.flags.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.domain.ModelVersion;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SharesTest {
    private static final ModelVersion V1 = new ModelVersion("v1");

    /** Given as version, percent, version, percent ... in the order of the layout. */
    private static Shares shares(Object... versionsAndPercents) {
        List<Shares.Slice> slices = new ArrayList<>();
        for (int i = 0; i < versionsAndPercents.length; i += 2) {
            slices.add(new Shares.Slice(
                    (String) versionsAndPercents[i], new BigDecimal(versionsAndPercents[i + 1].toString())));
        }
        return new Shares(slices);
    }

    private static FlagChange.Share to(String candidate, int percent) {
        return new FlagChange.Share("ml-model-version", new ModelVersion(candidate), V1, percent);
    }

    @Test
    void production_gives_way_and_others_keep_theirs() throws FlagPlanException {
        assertThat(shares("v2", 5, "v1", 82.5, "v3", 12.5).after(to("v2", 25)))
                .hasEntrySatisfying("v1", percent -> assertThat(percent).isEqualByComparingTo("62.5"))
                .hasEntrySatisfying("v2", percent -> assertThat(percent).isEqualByComparingTo("25"))
                .hasEntrySatisfying("v3", percent -> assertThat(percent).isEqualByComparingTo("12.5"));
        assertThat(shares("v1", 100).after(to("v2", 100)))
                .hasEntrySatisfying("v1", percent -> assertThat(percent).isZero());
    }

    @Test
    void more_than_everybody_is_refused() {
        assertThatThrownBy(() -> shares("v2", 5, "v1", 35, "v3", 60).after(to("v2", 50)))
                .isInstanceOf(FlagPlanException.class)
                .hasMessageContaining("110 % together (v2 50 %, v3 60 %)");
    }

    @Test
    void shares_that_are_not_everybody_are_no_shares() {
        assertThatThrownBy(() -> shares("v2", 5, "v1", 94))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("were 99");
    }

    @Test
    void nobody_moves_needlessly_where_production_stands_between_the_candidates() {
        assertThat(shares("v2", 5, "v1", 85, "v3", 10).moved(shares("v2", 25, "v1", 65, "v3", 10), V1))
                .isEmpty();
        assertThat(shares("v2", 25, "v1", 75).moved(shares("v2", 5, "v1", 95), V1))
                .isEmpty();
        assertThat(shares("v1", 100).moved(shares("v2", 5, "v1", 95), V1)).isEmpty();
    }

    @Test
    void a_candidate_that_is_pushed_aside_is_named() {
        assertThat(shares("v1", 85, "v2", 10, "v3", 5).moved(shares("v1", 65, "v2", 10, "v3", 25), V1))
                .containsExactly(new ModelVersion("v2"));
        assertThat(shares("v2", 5, "v1", 95).moved(shares("v1", 75, "v2", 25), V1))
                .as("the other end")
                .containsExactly(new ModelVersion("v2"));
    }
}
