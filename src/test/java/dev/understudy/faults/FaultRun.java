package dev.understudy.faults;

import dev.understudy.app.ConfiguredEvaluation;
import dev.understudy.app.Understudy;
import dev.understudy.broker.Await;
import dev.understudy.broker.KafkaCluster;
import dev.understudy.config.ConfigLoader;
import dev.understudy.evaluate.EvidenceAudit;
import dev.understudy.evaluate.SummaryVerifier;
import dev.understudy.kafka.Guarantee;
import dev.understudy.kafka.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;

/** A pipeline of stages in processes of their own on topics of its own, under load, to be harmed and then audited. */
final class FaultRun implements AutoCloseable {
    static final int PARTITIONS = 3;
    static final String PRODUCTION = "v1";
    static final String CANDIDATE = "v2";

    private static final int PER_SECOND = 200;
    private static final Duration DRAIN_BOUND = Duration.ofMinutes(6);
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(3);

    final KafkaCluster cluster;
    final Random random;
    private final Path folder;
    private final String prefix;
    private final Guarantee guarantee;
    private final Understudy understudy;
    private final List<StageProcess> processes = new ArrayList<>();
    private final List<Duration> recoveries = new ArrayList<>();
    private final Progress progress;
    private final Load load;
    private int faults;

    /**
     * Makes the topics and begins to send; no stage runs yet.
     *
     * @param seed of random moments
     */
    FaultRun(KafkaCluster cluster, Path folder, Guarantee guarantee, long seed) throws IOException {
        this.cluster = cluster;
        this.random = new Random(seed);
        this.folder = folder;
        this.guarantee = guarantee;
        this.prefix = "faults-" + UUID.randomUUID().toString().substring(0, 8);
        copyModels(folder.resolve("models"));
        Files.writeString(
                folder.resolve("flags.yaml"),
                "flags: {ml-model-version: " + PRODUCTION + ", shadow-candidates: [" + CANDIDATE + "]}\n");
        this.understudy = Understudy.of(ConfigLoader.ofProcess()
                .load(configuration("auditor", cluster.bootstrapServers(), "{file: flags.yaml}")));
        understudy.createTopics();
        this.progress = new Progress(cluster.bootstrapServers(), topics(), PARTITIONS);
        this.load = new Load(cluster.bootstrapServers(), topics(), PER_SECOND);
    }

    private static void copyModels(Path to) throws IOException {
        Path from = Path.of("models");
        try (Stream<Path> files = Files.walk(from.resolve("fraud"))) {
            for (Path file : files.toList()) {
                Path copy = to.resolve(from.relativize(file).toString());
                Files.createDirectories(Files.isDirectory(file) ? copy : copy.getParent());
                if (!Files.isDirectory(file)) {
                    Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
    }

    private Path configuration(String process, String bootstrapServers, String flags) throws IOException {
        String text = guarantee.name().toLowerCase(Locale.ROOT);
        return Files.writeString(folder.resolve(process + ".yaml"), """
                model: {directory: models}
                kafka:
                  bootstrap-servers: '%s'
                  topic-prefix: '%s.'
                  application-prefix: '%s'
                  partitions: %d
                  replication: 3
                  state-directory: 'state-%s'
                registry: {urls: ['%s']}
                flags: %s
                score: {guarantee: %s}
                shadow: {guarantee: %s}
                evaluate:
                  interval: 1s
                  segments: {region: [eu, na]}
                outcomes: {maturity: 30s}
                """.formatted(
                bootstrapServers, prefix, prefix, PARTITIONS, process, cluster.registryUrl(), flags, text, text));
    }

    /** Begins to start one more process of the stage. */
    StageProcess start(String stage) throws IOException {
        return start(stage, "{file: flags.yaml}");
    }

    /**
     * The same under other flags.
     *
     * @param flags the section of the configuration, a mapping in one line
     */
    StageProcess start(String stage, String flags, String... jvmArguments) throws IOException {
        String name = stage + "-" + (processes.size() + 1);
        StageProcess process = new StageProcess(
                stage,
                configuration(name, cluster.networkBootstrapServers(), flags),
                folder.resolve(name + ".log"),
                Arrays.asList(jvmArguments));
        processes.add(process);
        return process;
    }

    /** Starts one process of each stage and waits until all run. */
    List<StageProcess> startStages() throws IOException {
        List<StageProcess> started = List.of(start("score"), start("shadow"), start("evaluate"));
        started.forEach(StageProcess::awaitRunning);
        return started;
    }

    Load load() {
        return load;
    }

    Topics topics() {
        return understudy.topics();
    }

    /** The model file of a version; the processes have it to themselves. */
    Path model(String version) {
        return folder.resolve("models").resolve("fraud").resolve(version).resolve("model.onnx");
    }

    /** Where that process keeps its state. */
    Path stateOf(StageProcess process) {
        return folder.resolve("state-" + process.stage() + "-" + (processes.indexOf(process) + 1));
    }

    /** Does harm, and waits until the stages write again; how long that took counts as a recovery. */
    void harm(Runnable fault, String... stages) {
        Instant at = Instant.now();
        fault.run();
        faults++;
        awaitRecovery(at, stages);
    }

    /** Waits until the stages write about what came after that moment; how long that took counts as a recovery. */
    private void awaitRecovery(Instant fault, String... stages) {
        Duration longest = Duration.ZERO;
        for (String stage : stages) {
            Duration recovery = progress.awaitRecovery(stage, fault);
            longest = recovery.compareTo(longest) > 0 ? recovery : longest;
        }
        recoveries.add(longest);
    }

    /** Waits until all that was sent is accounted for, or for as long as that may take. */
    FaultReport finish(String what) {
        load.finish();
        EvidenceAudit evidence = new EvidenceAudit(
                cluster.bootstrapServers(),
                topics(),
                prefix + "-evaluate",
                ConfiguredEvaluation.settings(folder.resolve("auditor.yaml")));
        SummaryVerifier verifier = ConfiguredEvaluation.verifierOfPackaged(understudy);
        Audit audit = Audit.of(cluster.bootstrapServers(), topics(), load.acknowledged(), evidence, verifier);
        long bound = System.nanoTime() + DRAIN_BOUND.toNanos();
        while (!audit.isWhole() && System.nanoTime() < bound) {
            long again = System.nanoTime() + LOOK_AGAIN.toNanos();
            Await.until("a moment later", LOOK_AGAIN.multipliedBy(2), () -> System.nanoTime() > again);
            audit = Audit.of(cluster.bootstrapServers(), topics(), load.acknowledged(), evidence, verifier);
        }
        return new FaultReport(what, guarantee, faults, audit, List.copyOf(recoveries));
    }

    @Override
    public void close() {
        processes.parallelStream().forEach(StageProcess::close);
        load.close();
        progress.close();
        understudy.close();
    }
}
