package dev.understudy.pipeline;

import dev.understudy.avro.Comparison;
import dev.understudy.avro.Prediction;
import dev.understudy.broker.TestKafka;
import dev.understudy.domain.DeclaredStage;
import dev.understudy.domain.Request;
import dev.understudy.kafka.Guarantee;
import dev.understudy.kafka.KafkaConnection;
import dev.understudy.kafka.StageSettings;
import dev.understudy.kafka.Topic;
import dev.understudy.kafka.Topics;
import dev.understudy.kafka.avro.AvroSerdes;
import dev.understudy.kafka.avro.InMemoryRegistry;
import dev.understudy.kafka.avro.SchemaRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Topics of its own on the shared broker, and how a test writes and reads them. */
final class TestPipeline {
    static final Duration BOUND = Duration.ofSeconds(90);

    final Topics topics;
    final String prefix;
    final int partitions;
    private final TestKafka kafka;

    TestPipeline(TestKafka kafka, int partitions) {
        this(kafka, partitions, new InMemoryRegistry());
    }

    TestPipeline(TestKafka kafka, int partitions, SchemaRegistry registry) {
        this.kafka = kafka;
        this.partitions = partitions;
        this.prefix = kafka.uniqueName("pipeline") + ".";
        this.topics = new Topics(prefix, new AvroSerdes(registry));
    }

    TestPipeline createTopics() {
        List<NewTopic> created = new ArrayList<>();
        for (Topic<?, ?> topic : topics.all()) {
            created.add(newTopic(topic, topic.partitioning() == Topic.Partitioning.WITH_REQUESTS ? partitions : 1));
        }
        kafka.createTopics(created);
        return this;
    }

    void createTopic(Topic<?, ?> topic, int number) {
        TestKafka.get(
                kafka.admin().createTopics(List.of(newTopic(topic, number))).all());
    }

    private static NewTopic newTopic(Topic<?, ?> topic, int number) {
        return new NewTopic(topic.name(), number, (short) 1).configs(topic.configuration());
    }

    KafkaConnection connection() {
        return new KafkaConnection(kafka.bootstrapServers(), Map.of());
    }

    StageSettings settings(String stage, Path state) {
        return StageSettings.standard(stage, prefix.replace(".", ""), state)
                .with(Guarantee.AT_LEAST_ONCE, Duration.ofMillis(100));
    }

    /** A request as upstream writes it, on a partition that no hash of its key would choose. */
    ProducerRecord<byte[], byte[]> record(Request request, int partition) {
        return new ProducerRecord<>(
                topics.predictionRequests().name(),
                partition,
                request.entityId().getBytes(StandardCharsets.UTF_8),
                topics.predictionRequests()
                        .valueSerde()
                        .serializer()
                        .serialize(topics.predictionRequests().name(), request));
    }

    void declare(DeclaredStage stage) {
        kafka.produce(List.of(new ProducerRecord<>(
                topics.rolloutStages().name(),
                stage.pair().key().getBytes(StandardCharsets.UTF_8),
                topics.rolloutStages()
                        .valueSerde()
                        .serializer()
                        .serialize(topics.rolloutStages().name(), stage))));
    }

    List<Prediction> predictions(int count) {
        return kafka.consume(topics.predictions().name(), count, BOUND).stream()
                .map(record -> value(topics.predictions(), record))
                .toList();
    }

    List<Comparison> comparisons(int count) {
        return kafka.consume(topics.comparisons().name(), count, BOUND).stream()
                .map(record -> value(topics.comparisons(), record))
                .toList();
    }

    <V> V value(Topic<?, V> topic, ConsumerRecord<byte[], byte[]> record) {
        return Optional.ofNullable(
                        topic.valueSerde().deserializer().deserialize(topic.name(), record.headers(), record.value()))
                .orElseThrow();
    }
}
