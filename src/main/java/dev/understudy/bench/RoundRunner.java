package dev.understudy.bench;

import dev.understudy.domain.Request;
import dev.understudy.kafka.Topic;
import dev.understudy.kafka.TopicReader;
import dev.understudy.kafka.TopicWriter;
import dev.understudy.process.JvmCommand;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiFunction;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * One round of one variant: its processes start on empty topics and work off a backlog to get warm, then another one that is
 * measured from the first record to the last. While a backlog is written the processes are held still, so that they meet
 * it as after a pause, and the writing takes nothing from them.
 */
final class RoundRunner {
    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final Duration LOOK_EVERY = Duration.ofMillis(10);
    private static final int PEER_HEAP_MEBIBYTES = 512;

    private final BenchSettings settings;
    private final BiFunction<Path, String, JvmCommand> stageCommand;
    private final BenchCluster cluster;

    RoundRunner(BenchSettings settings, BiFunction<Path, String, JvmCommand> stageCommand, BenchCluster cluster) {
        this.settings = settings;
        this.stageCommand = stageCommand;
        this.cluster = cluster;
    }

    Round run(Variant variant, int number) throws IOException {
        String name = variant.name().toLowerCase(Locale.ROOT) + "-" + number;
        try (RoundTopics round = RoundTopics.create(cluster.kafka(), name, settings.partitions())) {
            List<MeasuredJvm> before = new ArrayList<>();
            List<MeasuredJvm> processes = new ArrayList<>();
            BenchConnection connection = round.connection();
            try (TopicWriter<String, Request> writer = new TopicWriter<>(
                            connection.kafka(), round.topics().predictionRequests(), RoundTopics.LIMIT);
                    TopicReader<?, ?> predictions =
                            new TopicReader<>(connection.kafka(), round.topics().predictions(), RoundTopics.LIMIT);
                    TopicReader<?, ?> comparisons =
                            new TopicReader<>(connection.kafka(), round.topics().comparisons(), RoundTopics.LIMIT)) {
                start(variant, name, connection, before, processes);
                Work work = new Work(
                        writer,
                        before,
                        () -> sum(comparisons.endOffsets().values().stream()),
                        processes,
                        done(variant, predictions, round));
                work.backlog(settings.records());
                return measured(variant, work);
            } finally {
                processes.forEach(MeasuredJvm::close);
                before.forEach(MeasuredJvm::close);
            }
        }
    }

    private void start(
            Variant variant,
            String name,
            BenchConnection connection,
            List<MeasuredJvm> before,
            List<MeasuredJvm> processes)
            throws IOException {
        if (variant.stages().isEmpty()) {
            JvmCommand command = JvmCommand.of(PeerMain.class, PEER_HEAP_MEBIBYTES)
                    .withArguments(variant.toString())
                    .withArguments(connection.words().toArray(String[]::new))
                    .withArguments(
                            cluster.folder().modelFile().toString(),
                            cluster.folder().state(name).toString());
            processes.add(MeasuredJvm.start(name, command, PeerMain.READY, line -> {}));
            return;
        }
        Path configuration = cluster.folder()
                .writeConfiguration(
                        name,
                        connection,
                        settings.partitions(),
                        variant.forks() ? List.of("v2") : List.of(),
                        threads());
        for (String stage : variant.stagesBefore()) {
            before.add(start(name, stage, configuration));
        }
        for (String stage : variant.stages()) {
            processes.add(start(name, stage, configuration));
        }
    }

    private MeasuredJvm start(String name, String stage, Path configuration) {
        return MeasuredJvm.start(
                name + "-" + stage, stageCommand.apply(configuration, stage), PeerMain.READY, line -> {});
    }

    private String threads() {
        return Stream.of("score", "shadow", "evaluate")
                .map(stage -> stage + ": {threads: " + settings.threads() + "}\n")
                .collect(Collectors.joining());
    }

    private Round measured(Variant variant, Work work) {
        List<Usage> before = usages(work.processes());
        long nanos = work.backlog(2L * settings.records());
        List<Usage> after = usages(work.processes());
        List<Usage> used = IntStream.range(0, after.size())
                .mapToObj(i -> after.get(i).minus(before.get(i)))
                .toList();
        return new Round(variant, settings.records(), used, nanos);
    }

    private static List<Usage> usages(List<MeasuredJvm> processes) {
        return processes.stream().map(MeasuredJvm::usage).toList();
    }

    /** The processes of a round and how far they are; those before do each backlog before those that are measured. */
    private final class Work {
        private final TopicWriter<String, Request> writer;
        private final List<MeasuredJvm> before;
        private final LongSupplier doneBefore;
        private final List<MeasuredJvm> processes;
        private final LongSupplier done;

        Work(
                TopicWriter<String, Request> writer,
                List<MeasuredJvm> before,
                LongSupplier doneBefore,
                List<MeasuredJvm> processes,
                LongSupplier done) {
            this.writer = writer;
            this.before = before;
            this.doneBefore = doneBefore;
            this.processes = processes;
            this.done = done;
        }

        List<MeasuredJvm> processes() {
            return processes;
        }

        /** Writes a backlog and waits until so many records are done since the round began; returns how long that took. */
        long backlog(long until) {
            whilePaused(processes, () -> {
                whilePaused(before, this::write);
                await(before, doneBefore, before.isEmpty() ? 0 : until);
                before.forEach(MeasuredJvm::pause);
            });
            long nanos = await(processes, done, until);
            before.forEach(MeasuredJvm::resume);
            return nanos;
        }

        private void write() {
            for (int i = 0; i < settings.records(); i++) {
                Request request = cluster.requests().next();
                writer.send(request.entityId(), request);
            }
            writer.flush();
        }
    }

    private static void whilePaused(List<MeasuredJvm> processes, Runnable action) {
        processes.forEach(MeasuredJvm::pause);
        try {
            action.run();
        } finally {
            processes.forEach(MeasuredJvm::resume);
        }
    }

    private static long await(List<MeasuredJvm> processes, LongSupplier done, long until) {
        long start = System.nanoTime();
        while (done.getAsLong() < until) {
            processes.forEach(MeasuredJvm::requireAlive);
            if (System.nanoTime() - start > LIMIT.toNanos()) {
                throw new IllegalStateException("only " + done.getAsLong() + " of " + until
                        + " records were done within " + LIMIT.toMinutes() + " minutes; try fewer with --records");
            }
            LockSupport.parkNanos(LOOK_EVERY.toNanos());
        }
        return System.nanoTime() - start;
    }

    /** How many records the variant has done in this round. */
    private static LongSupplier done(Variant variant, TopicReader<?, ?> predictions, RoundTopics round) {
        if (!variant.stages().contains("evaluate")) {
            return () -> sum(predictions.endOffsets().values().stream());
        }
        String group = round.connection().topicPrefix() + "app-evaluate";
        return () -> {
            Map<TopicPartition, OffsetAndMetadata> read = RoundTopics.get(
                    round.admin().listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata(),
                    "the offsets of group " + group + " are not known");
            return Math.min(
                    read(read, round.topics().predictions()),
                    read(read, round.topics().comparisons()));
        };
    }

    private static long read(Map<TopicPartition, OffsetAndMetadata> offsets, Topic<?, ?> topic) {
        return sum(offsets.entrySet().stream()
                .filter(entry -> entry.getKey().topic().equals(topic.name()) && entry.getValue() != null)
                .map(entry -> entry.getValue().offset()));
    }

    private static long sum(Stream<Long> offsets) {
        return offsets.mapToLong(Long::longValue).sum();
    }
}
