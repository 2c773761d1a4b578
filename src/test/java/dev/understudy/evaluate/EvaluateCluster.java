package dev.understudy.evaluate;

import dev.understudy.broker.Await;
import dev.understudy.broker.TestKafka;
import dev.understudy.domain.DeclaredStages;
import dev.understudy.domain.StageBook;
import dev.understudy.kafka.StageRunner;
import dev.understudy.kafka.Topic;
import dev.understudy.kafka.Topics;
import dev.understudy.kafka.avro.AvroSerdes;
import dev.understudy.process.ChildJvm;
import dev.understudy.process.JvmCommand;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/** Topics of their own on the shared broker, logs written to them, and EVALUATE over them. */
final class EvaluateCluster {
    private static final Duration BOUND = Duration.ofSeconds(90);

    /** The broker would delete records of a month ago at the next round of its cleaner, whenever that is. */
    private static final Map<String, String> KEPT = Map.of("retention.ms", "-1");

    private final TestKafka kafka;
    private final Path directory;
    private final String prefix;
    private final Topics topics;

    /** @param directory for the state of instances */
    EvaluateCluster(TestKafka kafka, Path directory, int partitions) {
        this.kafka = kafka;
        this.directory = directory;
        this.prefix = kafka.uniqueName("evaluate") + ".";
        this.topics = new Topics(
                prefix,
                AvroSerdes.configured(
                        Map.of("schema.registry.url", kafka.registryUrl().toString())));
        kafka.createTopics(List.of(
                newTopic(topics.comparisons(), partitions),
                newTopic(topics.predictions(), partitions),
                newTopic(topics.outcomes(), partitions),
                newTopic(topics.rolloutStages(), 1),
                newTopic(topics.disagreements(), 1),
                newTopic(topics.shadowMetrics(), 1),
                newTopic(topics.rolloutReadiness(), 1),
                newTopic(topics.deadLetters(), 1)));
    }

    private static NewTopic newTopic(Topic<?, ?> topic, int partitions) {
        return new NewTopic(topic.name(), partitions, (short) 1).configs(KEPT);
    }

    Topics topics() {
        return topics;
    }

    String applicationId() {
        return EvaluateChild.applicationId(prefix);
    }

    StageRunner stage(String instance) {
        return stage(instance, EvaluateChild.LARGE_CACHE);
    }

    StageRunner stage(String instance, long cacheBytes) {
        return stage(instance, cacheBytes, new DeclaredStages());
    }

    StageRunner stage(String instance, StageBook stages) {
        return stage(instance, EvaluateChild.LARGE_CACHE, stages);
    }

    private StageRunner stage(String instance, long cacheBytes, StageBook stages) {
        return stage(instance, cacheBytes, stages, EvaluateChild.settings());
    }

    StageRunner stage(String instance, StageBook stages, EvaluateSettings settings) {
        return stage(instance, EvaluateChild.LARGE_CACHE, stages, settings);
    }

    private StageRunner stage(String instance, long cacheBytes, StageBook stages, EvaluateSettings settings) {
        return EvaluateChild.stage(
                kafka.bootstrapServers(),
                kafka.registryUrl().toString(),
                prefix,
                directory.resolve(instance),
                cacheBytes,
                stages,
                settings);
    }

    ChildJvm child(String instance) {
        return ChildJvm.start(
                instance,
                JvmCommand.of(EvaluateChild.class, 256)
                        .withArguments(
                                kafka.bootstrapServers(),
                                kafka.registryUrl().toString(),
                                prefix,
                                directory.resolve(instance).toString()),
                EvaluateChild.READY,
                Duration.ofSeconds(60));
    }

    void produce(SyntheticTraffic.Log log) {
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        records.addAll(records(topics.predictions(), log.predictions()));
        records.addAll(records(topics.comparisons(), log.comparisons()));
        records.addAll(records(topics.outcomes(), log.outcomes()));
        kafka.produce(records);
    }

    private static <V> List<ProducerRecord<byte[], byte[]>> records(
            Topic<String, V> topic, List<SyntheticTraffic.Placed<V>> log) {
        return log.stream()
                .map(placed -> new ProducerRecord<>(
                        topic.name(),
                        placed.partition(),
                        placed.timestampMillis(),
                        placed.entityId().getBytes(StandardCharsets.UTF_8),
                        topic.valueSerde().serializer().serialize(topic.name(), placed.value())))
                .toList();
    }

    /** How many records of all three inputs the stage has committed. */
    long committed() {
        Map<TopicPartition, OffsetAndMetadata> offsets = TestKafka.get(
                kafka.admin().listConsumerGroupOffsets(applicationId()).partitionsToOffsetAndMetadata());
        long sum = 0;
        Set<String> inputs = Set.of(
                topics.comparisons().name(),
                topics.predictions().name(),
                topics.outcomes().name());
        for (Map.Entry<TopicPartition, OffsetAndMetadata> entry : offsets.entrySet()) {
            if (inputs.contains(entry.getKey().topic()) && entry.getValue() != null) {
                sum += entry.getValue().offset();
            }
        }
        return sum;
    }

    void awaitCommitted(long records) {
        Await.until(records + " records are committed", BOUND, () -> committed() >= records, this::committed);
    }
}
