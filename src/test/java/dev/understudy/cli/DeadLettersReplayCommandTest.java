package dev.understudy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.kafka.DeadLetter.Place;
import dev.understudy.kafka.DeadLetter.Source;
import dev.understudy.kafka.DeadLetterReplay.Plan;
import dev.understudy.kafka.DeadLetterReplay.Result;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

final class DeadLettersReplayCommandTest {
    @Test
    void what_went_before_it_could_be_sent_is_named_and_is_not_among_what_is_left() {
        Plan plan = new Plan(
                Map.of(
                        new Source("outcomes", 0, 1, 0), new Place(0, 1),
                        new Source("outcomes", 0, 2, 0), new Place(0, 2),
                        new Source("outcomes", 0, 3, 0), new Place(0, 3)),
                0,
                0,
                Map.of());

        assertThat(DeadLettersReplayCommand.sent(new Result(plan, 1, new TreeSet<>(List.of(new Place(0, 2))))))
                .startsWith("1 sent again; 0 were replayed before; 1 are left: run it again.")
                .endsWith(
                        " Letters [0:2] were removed meanwhile, by the retention of their topic, and were not sent: let"
                                + " upstream send their records anew.");
    }
}
