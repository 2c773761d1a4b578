package dev.understudy.faults;

import dev.understudy.broker.KafkaCluster;
import dev.understudy.kafka.Guarantee;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A few faults one after the other on three brokers, under both guarantees; the long suite has all of them. */
final class FaultsIT {
    @TempDir
    static Path brokers;

    @TempDir
    Path folder;

    private static KafkaCluster cluster;

    @BeforeAll
    static void startCluster() throws Exception {
        cluster = KafkaCluster.start(brokers);
    }

    @AfterAll
    static void closeCluster() throws Exception {
        cluster.close();
    }

    @Test
    void nothing_is_lost_and_nothing_counts_twice_over_kills_of_stages_and_of_a_broker() throws Exception {
        try (FaultRun run = new FaultRun(cluster, folder, Guarantee.EXACTLY_ONCE_V2, 1)) {
            List<StageProcess> stages = run.startStages();
            Instant start = Instant.now();
            run.awaitRecovery(start, "score", "shadow", "evaluate");
            for (StageProcess stage : stages) {
                run.load().awaitMore(run.random.nextInt(400));
                run.harm(stage::killForcibly, stage.stage());
            }
            run.harm(() -> cluster.killForcibly(1), "score", "shadow", "evaluate");
            cluster.startAgain(1);
            run.finish("kill of each stage and of a broker").check();
        }
    }
}
