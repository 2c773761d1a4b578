package dev.understudy.faults;

import dev.understudy.kafka.Guarantee;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A few faults one after the other; {@code -Pfaults} adds all the others. */
final class FaultsIT extends FaultSuite {
    @Test
    void nothing_is_lost_and_nothing_counts_twice_over_kills_of_stages_and_of_a_broker() throws Exception {
        try (FaultRun run = run(Guarantee.EXACTLY_ONCE_V2)) {
            List<StageProcess> stages = run.startStages();
            for (StageProcess stage : stages) {
                run.load().awaitMore(run.random.nextInt(400));
                run.harm(stage::killForcibly, stage.stage());
            }
            run.harm(() -> cluster.killForcibly(1), ALL);
            cluster.startAgain(1);
            run.finish("kill -9 of each stage and of one broker").check();
        }
    }
}
