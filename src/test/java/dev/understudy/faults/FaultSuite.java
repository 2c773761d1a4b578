package dev.understudy.faults;

import dev.understudy.broker.KafkaCluster;
import dev.understudy.kafka.Guarantee;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Faults on three brokers that all runs of a class share; each run has topics of its own. */
abstract class FaultSuite {
    static final String[] ALL = {"score", "shadow", "evaluate"};

    @TempDir
    private static Path brokers;

    @TempDir
    Path folder;

    static KafkaCluster cluster;

    @BeforeAll
    static void startCluster() throws Exception {
        cluster = KafkaCluster.start(brokers);
    }

    @AfterAll
    static void closeCluster() throws Exception {
        cluster.close();
    }

    /** A run whose random moments are the same every time. */
    FaultRun run(Guarantee guarantee) throws IOException {
        return new FaultRun(cluster, folder, guarantee, 20_261_127);
    }
}
