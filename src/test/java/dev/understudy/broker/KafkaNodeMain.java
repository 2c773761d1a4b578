package dev.understudy.broker;

import dev.understudy.process.LifeLine;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;

/**
 * One node of a {@link KafkaCluster}: {@code KafkaNodeMain <node> <folder> <cluster id> <voters> <port> <controller's port>
 * <port behind the network> <port of the network>}.
 */
final class KafkaNodeMain {
    private KafkaNodeMain() {}

    public static void main(String[] arguments) throws Exception {
        LifeLine.exitWhenCut(System.in, Duration.ofSeconds(20));
        int node = Integer.parseInt(arguments[0]);
        Path logs = Path.of(arguments[1]);
        if (!Files.exists(logs.resolve("meta.properties"))) {
            EmbeddedBroker.formatter(logs, node, Uuid.fromString(arguments[2])).run();
        }
        Ports ports = new Ports(Integer.parseInt(arguments[4]), Integer.parseInt(arguments[5]), 0);
        KafkaRaftServer server =
                new KafkaRaftServer(new KafkaConfig(settings(logs, node, ports, arguments), false), Time.SYSTEM);
        server.startup();
        Runtime.getRuntime().addShutdownHook(new Thread(server::shutdown));
        new PrintStream(System.out, true, StandardCharsets.UTF_8).println(EmbeddedKafka.READY + "node " + node);
    }

    private static Map<String, String> settings(Path logs, int node, Ports ports, String[] arguments) {
        Map<String, String> settings = new HashMap<>(EmbeddedBroker.settings(logs, ports));
        settings.put("node.id", Integer.toString(node));
        settings.put("controller.quorum.voters", arguments[3]);
        settings.put(
                "listeners",
                "PLAINTEXT://127.0.0.1:" + ports.kafka() + ",NETWORK://127.0.0.1:" + arguments[6]
                        + ",CONTROLLER://127.0.0.1:" + ports.controller());
        settings.put(
                "advertised.listeners",
                "PLAINTEXT://127.0.0.1:" + ports.kafka() + ",NETWORK://127.0.0.1:" + arguments[7]);
        settings.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,NETWORK:PLAINTEXT,CONTROLLER:PLAINTEXT");
        // What a careful team sets.
        settings.put("default.replication.factor", "3");
        settings.put("min.insync.replicas", "2");
        settings.put("offsets.topic.replication.factor", "3");
        settings.put("transaction.state.log.replication.factor", "3");
        settings.put("transaction.state.log.min.isr", "2");
        settings.put("unclean.leader.election.enable", "false");
        return settings;
    }
}
