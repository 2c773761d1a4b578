package dev.understudy.broker;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;

/** One KRaft node that is broker and controller, in this JVM. A fatal fault of Kafka halts the JVM. */
final class EmbeddedBroker implements AutoCloseable {
    private static final int NODE = 1;

    private final KafkaRaftServer server;

    private EmbeddedBroker(KafkaRaftServer server) {
        this.server = server;
    }

    /** Formats the directory if it is new and returns when the broker takes requests. */
    static EmbeddedBroker start(Path logs, Ports ports) throws Exception {
        if (!Files.exists(logs.resolve("meta.properties"))) {
            formatter(logs).run();
        }
        KafkaRaftServer server = new KafkaRaftServer(new KafkaConfig(settings(logs, ports), false), Time.SYSTEM);
        server.startup();
        return new EmbeddedBroker(server);
    }

    @Override
    public void close() {
        server.shutdown();
    }

    /** What makes a new directory ready for a broker that is alone, once it is run. */
    static Formatter formatter(Path logs) throws IOException {
        return formatter(logs, NODE, Uuid.randomUuid());
    }

    /** What makes a new directory ready for that node of a cluster, once it is run. */
    static Formatter formatter(Path logs, int node, Uuid cluster) throws IOException {
        Files.createDirectories(logs);
        return new Formatter()
                .setPrintStream(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
                .setNodeId(node)
                .setClusterId(cluster.toString())
                .addDirectory(logs.toString())
                .setMetadataLogDirectory(logs.toString())
                .setControllerListenerName("CONTROLLER");
    }

    static Map<String, String> settings(Path logs, Ports ports) {
        Map<String, String> settings = new HashMap<>();
        settings.put("process.roles", "broker,controller");
        settings.put("node.id", Integer.toString(NODE));
        settings.put("log.dirs", logs.toString());
        settings.put(
                "listeners",
                "PLAINTEXT://127.0.0.1:" + ports.kafka() + ",CONTROLLER://127.0.0.1:" + ports.controller());
        settings.put("advertised.listeners", "PLAINTEXT://127.0.0.1:" + ports.kafka());
        settings.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
        settings.put("inter.broker.listener.name", "PLAINTEXT");
        settings.put("controller.listener.names", "CONTROLLER");
        settings.put("controller.quorum.voters", NODE + "@127.0.0.1:" + ports.controller());
        settings.put("auto.create.topics.enable", "false");

        // One node cannot replicate.
        settings.put("default.replication.factor", "1");
        settings.put("min.insync.replicas", "1");
        settings.put("offsets.topic.replication.factor", "1");
        settings.put("transaction.state.log.replication.factor", "1");
        settings.put("transaction.state.log.min.isr", "1");
        settings.put("share.coordinator.state.topic.replication.factor", "1");
        settings.put("share.coordinator.state.topic.min.isr", "1");

        // Small: 50 partitions of each internal topic only cost start-up time here.
        settings.put("offsets.topic.num.partitions", "4");
        settings.put("transaction.state.log.num.partitions", "4");
        settings.put("share.coordinator.state.topic.num.partitions", "1");
        settings.put("num.network.threads", "2");
        settings.put("num.io.threads", "4");
        settings.put("log.cleaner.dedupe.buffer.size", "2097152");

        // Quick: a killed broker's registration must expire before its successor is let in, and a killed client's
        // session and transaction before theirs are.
        settings.put("broker.session.timeout.ms", "2000");
        settings.put("broker.heartbeat.interval.ms", "500");
        settings.put("group.initial.rebalance.delay.ms", "0");
        settings.put("group.min.session.timeout.ms", "1000");
        settings.put("transaction.abort.timed.out.transaction.cleanup.interval.ms", "1000");
        return settings;
    }
}
