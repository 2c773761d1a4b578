package dev.understudy.bench;

import dev.understudy.broker.EmbeddedKafka;
import dev.understudy.domain.Request;
import dev.understudy.kafka.Topic;
import dev.understudy.kafka.TopicAdmin;
import dev.understudy.kafka.TopicReader;
import dev.understudy.kafka.TopicWriter;
import dev.understudy.kafka.Topics;
import dev.understudy.kafka.avro.AvroSerdes;
import dev.understudy.process.JvmCommand;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiFunction;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;

/**
 * One round of one variant: its processes start on empty topics and work off a backlog to get warm, then another one that is
 * measured from the first record to the last. While a backlog is written the processes are held still, so that they meet
 * it as after a pause, and the writing takes nothing from them.
 */
final class RoundRunner {
    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final Duration ADMIN_LIMIT = Duration.ofSeconds(30);
    private static final Duration LOOK_EVERY = Duration.ofMillis(10);
    private static final int PEER_HEAP_MEBIBYTES = 512;

    private final BenchSettings settings;
    private final BiFunction<Path, String, JvmCommand> stageCommand;
    private final BenchFolder folder;
    private final EmbeddedKafka kafka;
    private final BenchRequests requests;

    RoundRunner(
            BenchSettings settings,
            BiFunction<Path, String, JvmCommand> stageCommand,
            BenchFolder folder,
            EmbeddedKafka kafka,
            BenchRequests requests) {
        this.settings = settings;
        this.stageCommand = stageCommand;
        this.folder = folder;
        this.kafka = kafka;
        this.requests = requests;
    }

    Round run(Variant variant, int number) throws IOException {
        String name = variant.name().toLowerCase(Locale.ROOT) + "-" + number;
        BenchConnection connection = new BenchConnection(
                kafka.bootstrapServers(), kafka.registryUrl().toString(), name + ".");
        try (AvroSerdes serdes = connection.serdes();
                Admin admin = Admin.create(connection.kafka().clientSettings())) {
            Topics topics = connection.topics(serdes);
            try (TopicAdmin creator = new TopicAdmin(connection.kafka(), ADMIN_LIMIT)) {
                creator.create(topics, settings.partitions(), 1);
            }
            List<MeasuredJvm> processes = new ArrayList<>();
            try (TopicWriter<String, Request> writer =
                            new TopicWriter<>(connection.kafka(), topics.predictionRequests(), ADMIN_LIMIT);
                    TopicReader<?, ?> predictions =
                            new TopicReader<>(connection.kafka(), topics.predictions(), ADMIN_LIMIT)) {
                start(processes, variant, name, connection);
                LongSupplier done = done(variant, admin, predictions, topics, connection);
                work(processes, writer, done, settings.records());
                return measured(variant, processes, writer, done);
            } finally {
                processes.forEach(MeasuredJvm::close);
                delete(admin, name);
            }
        }
    }

    private void start(List<MeasuredJvm> processes, Variant variant, String name, BenchConnection connection)
            throws IOException {
        if (variant.stages().isEmpty()) {
            JvmCommand command = JvmCommand.of(PeerMain.class, PEER_HEAP_MEBIBYTES)
                    .withArguments(variant.toString())
                    .withArguments(connection.words().toArray(String[]::new))
                    .withArguments(
                            folder.modelFile().toString(), folder.state(name).toString());
            processes.add(MeasuredJvm.start(name, command, PeerMain.READY, line -> {}));
            return;
        }
        Path configuration =
                folder.writeConfiguration(name, connection, settings.partitions(), settings.threads(), variant.forks());
        for (String stage : variant.stages()) {
            processes.add(MeasuredJvm.start(
                    name + "-" + stage, stageCommand.apply(configuration, stage), PeerMain.READY, line -> {}));
        }
    }

    private Round measured(
            Variant variant, List<MeasuredJvm> processes, TopicWriter<String, Request> writer, LongSupplier done) {
        List<Usage> before = usages(processes);
        long nanos = work(processes, writer, done, 2L * settings.records());
        List<Usage> after = usages(processes);
        List<Usage> used = IntStream.range(0, processes.size())
                .mapToObj(i -> after.get(i).minus(before.get(i)))
                .toList();
        return new Round(variant, settings.records(), used, nanos);
    }

    private static List<Usage> usages(List<MeasuredJvm> processes) {
        return processes.stream().map(MeasuredJvm::usage).toList();
    }

    /** Writes a backlog and waits until so many records are done since the round began; returns how long that took. */
    private long work(List<MeasuredJvm> processes, TopicWriter<String, Request> writer, LongSupplier done, long until) {
        processes.forEach(MeasuredJvm::pause);
        try {
            for (int i = 0; i < settings.records(); i++) {
                Request request = requests.next();
                writer.send(request.entityId(), request);
            }
            writer.flush();
        } finally {
            processes.forEach(MeasuredJvm::resume);
        }
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
    private static LongSupplier done(
            Variant variant, Admin admin, TopicReader<?, ?> predictions, Topics topics, BenchConnection connection) {
        if (!variant.stages().contains("evaluate")) {
            return () -> sum(predictions.endOffsets().values().stream());
        }
        String group = connection.topicPrefix() + "app-evaluate";
        return () -> {
            Map<TopicPartition, OffsetAndMetadata> read = get(
                    admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata(),
                    "the offsets of group " + group + " are not known");
            return Math.min(read(read, topics.predictions()), read(read, topics.comparisons()));
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

    /** Topics of the round, internal ones too: the disk is to hold one round, not all. */
    private static void delete(Admin admin, String name) {
        String otherwise = "the topics of round " + name + " could not be deleted";
        List<String> own = get(admin.listTopics().names(), otherwise).stream()
                .filter(topic -> topic.startsWith(name + "."))
                .toList();
        get(admin.deleteTopics(own).all(), otherwise);
    }

    private static <T> T get(KafkaFuture<T> answer, String otherwise) {
        try {
            return answer.get(ADMIN_LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException(otherwise, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while measuring", e);
        }
    }
}
