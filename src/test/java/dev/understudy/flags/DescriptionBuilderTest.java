package dev.understudy.flags;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.flags.FlagDescription.Rule;
import dev.understudy.flags.FlagDescription.Share;
import dev.understudy.flags.FlagDescription.Split;
import dev.understudy.flags.FlagDescription.Target;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DescriptionBuilderTest {
    private static final Split FIVE = split(new Share("v2", 5));

    @Test
    void a_share_drawn_last_becomes_part_of_what_everybody_else_gets() {
        FlagDescription flag = flag().rule("region is eu", Split.all("v3"))
                .share("everybody", FIVE)
                .rest(split(new Share("v1", 80), new Share("v3", 20)));

        assertThat(flag.rules()).containsExactly(new Rule("region is eu", Split.all("v3")));
        assertThat(flag.rest()).hasValue(split(new Share("v2", 5), new Share("v1", 76), new Share("v3", 19)));
    }

    @Test
    void a_share_drawn_for_the_version_that_the_others_get_is_one_share() {
        assertThat(flag().share("everybody", FIVE).rest(Split.all("v2")).rest()).hasValue(Split.all("v2"));
    }

    @Test
    void a_share_drawn_before_a_rule_stays_a_rule_in_its_place() {
        FlagDescription flag = flag().share("everybody", FIVE)
                .rule("region is eu", Split.all("v3"))
                .rest(Split.all("v1"));

        assertThat(flag.rules())
                .containsExactly(new Rule("everybody", FIVE), new Rule("region is eu", Split.all("v3")));
        assertThat(flag.rest()).hasValue(Split.all("v1"));
    }

    @Test
    void of_two_shares_nobody_says_how_they_add_up() {
        FlagDescription flag = flag().share("first", FIVE).share("second", FIVE).rest(Split.all("v1"));

        assertThat(flag.rules()).extracting(Rule::when).containsExactly("first", "second");
        assertThat(flag.rest()).hasValue(Split.all("v1"));
    }

    @Test
    void entities_named_behind_a_rule_do_not_win_over_it_and_so_are_a_rule() {
        FlagDescription flag = flag().target("v2", 2)
                .target("v2", 1)
                .rule("region is eu", Split.all("v3"))
                .target("v4", 1)
                .rest(Split.all("v1"));

        assertThat(flag.targets()).containsExactly(new Target("v2", 3));
        assertThat(flag.rules()).extracting(Rule::when).containsExactly("region is eu", "1 entity named individually");
    }

    private static DescriptionBuilder flag() {
        return new DescriptionBuilder("ml-model-version", true);
    }

    private static Split split(Share... shares) {
        return new Split(List.of(shares), Optional.empty());
    }
}
