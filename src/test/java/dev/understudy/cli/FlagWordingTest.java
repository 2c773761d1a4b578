package dev.understudy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.flags.FlagDescription.Share;
import dev.understudy.flags.FlagDescription.Split;
import dev.understudy.flags.FlagHealth;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FlagWordingTest {
    private static final Instant SINCE = Instant.parse("2026-11-27T03:00:00Z");

    @Test
    void flags_that_are_stale_say_since_when_and_why() {
        FlagHealth stale = health(Optional.of(SINCE), Optional.of("no connection (HTTP 503)"));

        assertThat(FlagWording.health(stale)).isEqualTo("STALE since 2026-11-27T03:00:00Z: no connection (HTTP 503)");
        assertThat(FlagWording.json(stale).toString())
                .isEqualTo("{\"stale\":true,\"staleSince\":\"2026-11-27T03:00:00Z\","
                        + "\"problem\":\"no connection (HTTP 503)\"}");
    }

    @Test
    void flags_with_a_problem_are_fresh_and_say_so() {
        assertThat(FlagWording.health(health(Optional.empty(), Optional.empty())))
                .isEqualTo("fresh");
        assertThat(FlagWording.health(health(Optional.empty(), Optional.of("flag 'x' is ignored"))))
                .isEqualTo("fresh, but flag 'x' is ignored");
    }

    @Test
    void shares_are_shown_as_exactly_as_a_file_may_write_them() {
        assertThat(FlagWording.split(Split.all("v1"))).isEqualTo("v1");
        assertThat(FlagWording.split(split(new Share("v2", 0.125), new Share("v1", 99.875))))
                .isEqualTo("v2 0.125 %, v1 99.875 %");
        assertThat(FlagWording.split(split(new Share("v2", 20)))).isEqualTo("v2 20 %, 80 % go on to what follows");
        assertThat(FlagWording.split(new Split(List.of(), Optional.of("why"))))
                .isEqualTo("100 % go on to what follows (why)");
    }

    private static Split split(Share... shares) {
        return new Split(List.of(shares), Optional.empty());
    }

    private static FlagHealth health(Optional<Instant> staleSince, Optional<String> problem) {
        return new FlagHealth("test", staleSince, problem, 0);
    }
}
