package dev.understudy.broker;

import dev.understudy.process.ChildJvm;
import dev.understudy.process.JvmCommand;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/**
 * Three Kafka nodes in JVMs of their own, each broker and controller, which replicate to each other; a schema registry; and a
 * network that can be cut between the brokers and those clients that come through it.
 */
public final class KafkaCluster implements AutoCloseable {
    public static final int NODES = 3;

    private static final Duration START_LIMIT = Duration.ofMinutes(2);
    private static final int HEAP_MEBIBYTES = 256;

    private final Path folder;
    private final Uuid id = Uuid.randomUuid();
    private final List<Node> nodes;
    private final List<ChildJvm> running = new ArrayList<>();
    private final List<CutProxy> network = new ArrayList<>();
    private final int registryPort;
    private @Nullable EmbeddedRegistry registry;

    /** The ports of a node. {@code within} is the broker's, {@code network} the one that clients come through to it. */
    private record Node(int kafka, int controller, int within, int network) {}

    private KafkaCluster(Path folder, List<Node> nodes, int registryPort) {
        this.folder = folder;
        this.nodes = nodes;
        this.registryPort = registryPort;
    }

    /** Starts it in an empty folder. */
    public static KafkaCluster start(Path folder) throws Exception {
        List<Integer> ports = freePorts(NODES * 4 + 1);
        List<Node> nodes = IntStream.range(0, NODES)
                .map(node -> node * 4)
                .mapToObj(at -> new Node(ports.get(at), ports.get(at + 1), ports.get(at + 2), ports.get(at + 3)))
                .toList();
        KafkaCluster cluster = new KafkaCluster(folder, nodes, ports.get(NODES * 4));
        try {
            for (Node node : nodes) {
                cluster.network.add(new CutProxy(node.network(), node.within()));
            }
            cluster.startRegistry();
            cluster.startAll();
            try (Admin admin = Admin.create(Map.of("bootstrap.servers", cluster.bootstrapServers()))) {
                Await.until(
                        "all brokers are there",
                        START_LIMIT,
                        () -> TestKafka.get(admin.describeCluster().nodes()).size() == NODES);
            }
        } catch (Exception | Error e) {
            cluster.close();
            throw e;
        }
        return cluster;
    }

    private static List<Integer> freePorts(int count) throws StartRefusedException {
        SecureRandom random = new SecureRandom();
        List<Integer> ports = new ArrayList<>();
        while (ports.size() < count) {
            int port = Ports.choose(0, 0, new Ports(0, 0, 0), random).kafka();
            if (!ports.contains(port)) {
                ports.add(port);
            }
        }
        return ports;
    }

    /** Of clients that no cut concerns. */
    public String bootstrapServers() {
        return servers(nodes.stream().map(Node::kafka).toList());
    }

    /** Of clients that come through the network. */
    public String networkBootstrapServers() {
        return servers(nodes.stream().map(Node::network).toList());
    }

    private static String servers(List<Integer> ports) {
        return ports.stream().map(port -> "127.0.0.1:" + port).collect(Collectors.joining(","));
    }

    public String registryUrl() {
        return "http://127.0.0.1:" + registryPort;
    }

    /** As {@code kill -9}; nodes count from 0. */
    public void killForcibly(int node) {
        running.get(node).killForcibly();
    }

    /** As {@code kill -9} of all at once. */
    public void killAllForcibly() {
        running.parallelStream().forEach(ChildJvm::killForcibly);
    }

    /** Starts a node that was killed, over its data. */
    public void startAgain(int node) {
        running.set(node, startNode(node));
    }

    /** Starts all nodes that were killed. None is ready before a majority is, so they start together. */
    public void startAll() {
        List<CompletableFuture<ChildJvm>> starts = IntStream.range(0, NODES)
                .mapToObj(
                        node -> CompletableFuture.supplyAsync(() -> startNode(node), task -> new Thread(task).start()))
                .toList();
        running.clear();
        starts.forEach(start -> running.add(start.join()));
    }

    private ChildJvm startNode(int node) {
        Node ports = nodes.get(node);
        String voters = IntStream.range(0, NODES)
                .mapToObj(
                        voter -> (voter + 1) + "@127.0.0.1:" + nodes.get(voter).controller())
                .collect(Collectors.joining(","));
        JvmCommand command = JvmCommand.of(KafkaNodeMain.class, HEAP_MEBIBYTES)
                .withJvmArguments("-XX:TieredStopAtLevel=1")
                .withJvmArguments("-Dlog4j2.configurationFile=classpath:dev/understudy/broker/log4j2.xml")
                .withArguments(
                        Integer.toString(node + 1),
                        folder.resolve("node-" + (node + 1)).toString(),
                        id.toString(),
                        voters,
                        Integer.toString(ports.kafka()),
                        Integer.toString(ports.controller()),
                        Integer.toString(ports.within()),
                        Integer.toString(ports.network()));
        return ChildJvm.start("Kafka node " + (node + 1), command, EmbeddedKafka.READY, START_LIMIT);
    }

    /** From now on nothing passes through the network, and nobody is told. */
    public void silenceNetwork() {
        network.forEach(CutProxy::fallSilent);
    }

    /** Ends all connections through the network and refuses new ones. */
    public void cutNetwork() {
        network.forEach(CutProxy::refuse);
    }

    public void healNetwork() {
        network.forEach(CutProxy::heal);
    }

    public void stopRegistry() {
        Objects.requireNonNull(registry, "the registry was stopped before").close();
        registry = null;
    }

    /** Starts the registry, with the schemas that it had. */
    public void startRegistry() throws Exception {
        registry = EmbeddedRegistry.start(SchemaStore.open(folder.resolve("schemas.jsonl")), registryPort);
    }

    @Override
    public void close() throws IOException {
        running.parallelStream().forEach(ChildJvm::close);
        if (registry != null) {
            registry.close();
        }
        for (CutProxy proxy : network) {
            proxy.close();
        }
    }
}
