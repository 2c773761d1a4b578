package dev.understudy.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.avro.Comparison;
import dev.understudy.avro.Prediction;
import dev.understudy.broker.Await;
import dev.understudy.broker.TestKafka;
import dev.understudy.domain.FraudRequests;
import dev.understudy.domain.Origin;
import dev.understudy.kafka.Guarantee;
import dev.understudy.kafka.Topic;
import dev.understudy.kafka.avro.HttpRegistry;
import dev.understudy.process.ChildJvm;
import dev.understudy.process.JvmCommand;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Kills the processes of SCORE and SHADOW under load with {@code kill -9}, at-least-once, and looks for what was lost. */
final class StageKillIT {
    private static final Duration BOUND = Duration.ofMinutes(2);
    private static final int PARTITIONS = 3;
    private static final int CHUNK = 1_000;
    private static final int CHUNKS = 24;

    @RegisterExtension
    static final TestKafka kafka = new TestKafka();

    @TempDir
    Path state;

    /** Under exactly-once the suite of faults does this, on three brokers. */
    @Test
    void kill_of_either_stage_loses_nothing_and_repeats_carry_the_same_origin() {
        TestPipeline pipeline = new TestPipeline(
                        kafka,
                        PARTITIONS,
                        new HttpRegistry(Map.of(
                                "schema.registry.url", kafka.registryUrl().toString())))
                .createTopics();
        ChildJvm score = start("score", pipeline);
        ChildJvm shadow = start("shadow", pipeline);
        Map<Origin, String> written = new HashMap<>();
        AtomicInteger chunks = new AtomicInteger();
        try {
            CompletableFuture<Void> load = CompletableFuture.runAsync(() -> {
                FraudRequests requests = FraudRequests.read();
                for (int chunk = 0; chunk < CHUNKS; chunk++) {
                    written.putAll(produce(pipeline, requests, chunk * CHUNK));
                    chunks.incrementAndGet();
                }
            });
            Await.until("load", BOUND, () -> chunks.get() >= 1 && read(pipeline.topics.predictions()) > 0);
            score.killForcibly();
            score = start("score", pipeline);
            Await.until("comparisons", BOUND, () -> read(pipeline.topics.comparisons()) > 0);
            shadow.killForcibly();
            long before = read(pipeline.topics.predictions());
            shadow = start("shadow", pipeline);
            Await.until("predictions after the kill", BOUND, () -> read(pipeline.topics.predictions()) > before);
            score.killForcibly();
            score = start("score", pipeline);
            load.join();

            Map<Origin, List<Prediction>> predictions =
                    awaitAll(pipeline, pipeline.topics.predictions(), written, p -> origin(p.getOrigin()));
            Map<Origin, List<Comparison>> comparisons =
                    awaitAll(pipeline, pipeline.topics.comparisons(), written, c -> origin(c.getOrigin()));

            predictions.forEach((origin, repeats) -> {
                assertThat(repeats).extracting(Prediction::getRequestId).containsOnly(written.get(origin));
                assertThat(repeats)
                        .extracting(Prediction::getScore)
                        .doesNotContainNull()
                        .containsOnly(repeats.get(0).getScore());
            });
            comparisons.forEach((origin, repeats) -> {
                assertThat(repeats).extracting(Comparison::getRequestId).containsOnly(written.get(origin));
                assertThat(repeats)
                        .extracting(comparison ->
                                comparison.getCandidate().orElseThrow().getScore())
                        .containsOnly(
                                repeats.get(0).getCandidate().orElseThrow().getScore());
            });
            assertThat(kafka.records(pipeline.topics.deadLetters().name())).isEmpty();
        } finally {
            score.close();
            shadow.close();
        }
    }

    private ChildJvm start(String stage, TestPipeline pipeline) {
        return ChildJvm.start(
                stage,
                JvmCommand.of(StageChild.class, 192)
                        .withArguments(
                                stage,
                                kafka.bootstrapServers(),
                                kafka.registryUrl().toString(),
                                pipeline.prefix,
                                Guarantee.AT_LEAST_ONCE.name(),
                                state.resolve(stage).toString()),
                "READY",
                BOUND);
    }

    /** Entities stay on their partition, so that each partition is in the order in which it was written. */
    private static Map<Origin, String> produce(TestPipeline pipeline, FraudRequests requests, int from) {
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int n = from; n < from + CHUNK; n++) {
            records.add(pipeline.record(requests.get(n), n % PARTITIONS));
        }
        List<RecordMetadata> places = kafka.produce(records);
        Map<Origin, String> written = new HashMap<>();
        for (int i = 0; i < CHUNK; i++) {
            written.put(new Origin(places.get(i).partition(), places.get(i).offset()), "r" + (from + i));
        }
        return written;
    }

    /** Records of the topic by origin, once every origin is there; none may be unknown or on another partition. */
    private static <V> Map<Origin, List<V>> awaitAll(
            TestPipeline pipeline, Topic<?, V> topic, Map<Origin, String> written, Function<V, Origin> originOf) {
        Map<Origin, List<V>> seen = new LinkedHashMap<>();
        Await.until(
                "a record of " + topic + " for each of " + written.size() + " requests",
                BOUND,
                () -> {
                    seen.clear();
                    for (ConsumerRecord<byte[], byte[]> record : kafka.records(topic.name())) {
                        V value = pipeline.value(topic, record);
                        Origin origin = originOf.apply(value);
                        assertThat(record.partition()).isEqualTo(origin.partition());
                        seen.computeIfAbsent(origin, key -> new ArrayList<>()).add(value);
                    }
                    return seen.size() >= written.size();
                },
                () -> missing(written, seen.keySet()));
        assertThat(seen.keySet()).isEqualTo(written.keySet());
        return seen;
    }

    private static String missing(Map<Origin, String> written, Set<Origin> seen) {
        Set<Origin> missing = new HashSet<>(written.keySet());
        missing.removeAll(seen);
        return missing.size() + " missing, such as " + missing.stream().limit(5).toList();
    }

    private static Origin origin(dev.understudy.avro.Origin origin) {
        return new Origin(origin.getPartition(), origin.getOffset());
    }

    /** How far the topic has been written. */
    private static long read(Topic<?, ?> topic) {
        Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
        for (int partition = 0; partition < PARTITIONS; partition++) {
            ends.put(new TopicPartition(topic.name(), partition), OffsetSpec.latest());
        }
        return TestKafka.get(kafka.admin().listOffsets(ends).all()).values().stream()
                .mapToLong(ListOffsetsResultInfo::offset)
                .sum();
    }
}
