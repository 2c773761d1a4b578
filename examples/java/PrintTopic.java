import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/**
 * Prints what a topic holds now, a record a line: key, partition, offset and the value as JSON. Its arguments are Kafka's
 * bootstrap servers, the registry's URL and the topic.
 */
public final class PrintTopic {
    private PrintTopic() {}

    public static void main(String[] arguments) {
        try (KafkaConsumer<String, Object> consumer = new KafkaConsumer<>(Map.of(
                "bootstrap.servers", arguments[0],
                "schema.registry.url", arguments[1],
                "isolation.level", "read_committed",
                "enable.auto.commit", false,
                "key.deserializer", "org.apache.kafka.common.serialization.StringDeserializer",
                "value.deserializer", "dev.understudy.kafka.avro.AvroDeserializer"))) {
            List<TopicPartition> partitions = consumer.partitionsFor(arguments[2]).stream()
                    .map(found -> new TopicPartition(found.topic(), found.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(each -> consumer.position(each) < ends.get(each))) {
                for (ConsumerRecord<String, Object> record : consumer.poll(Duration.ofMillis(100))) {
                    System.out.println(
                            record.key() + " " + record.partition() + " " + record.offset() + " " + record.value());
                }
            }
        }
    }
}
