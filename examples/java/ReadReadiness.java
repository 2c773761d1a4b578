import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/**
 * Prints each candidate's readiness as it counts now: the last summary of each key, and HOLD once it has expired. Its
 * arguments are Kafka's bootstrap servers and the registry's URL.
 */
public final class ReadReadiness {
    private ReadReadiness() {}

    /** EVALUATE renews its summaries all the time. One that was not renewed says nothing about today. */
    static String verdict(GenericRecord summary, Instant now) {
        Instant validUntil = Instant.ofEpochMilli((Long) summary.get("validUntil"));
        return now.isAfter(validUntil)
                ? "HOLD (expired at " + validUntil + ")"
                : summary.get("verdict").toString();
    }

    public static void main(String[] arguments) {
        Map<String, GenericRecord> latest = new TreeMap<>();
        try (KafkaConsumer<String, GenericRecord> consumer = new KafkaConsumer<>(Map.of(
                "bootstrap.servers", arguments[0],
                "schema.registry.url", arguments[1],
                "isolation.level", "read_committed",
                "enable.auto.commit", false,
                "key.deserializer", "org.apache.kafka.common.serialization.StringDeserializer",
                "value.deserializer", "dev.understudy.kafka.avro.AvroDeserializer"))) {
            List<TopicPartition> partitions = consumer.partitionsFor("rollout-readiness").stream()
                    .map(found -> new TopicPartition(found.topic(), found.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(each -> consumer.position(each) < ends.get(each))) {
                for (ConsumerRecord<String, GenericRecord> record : consumer.poll(Duration.ofMillis(100))) {
                    if (record.value() == null) {
                        latest.remove(record.key());
                    } else {
                        latest.put(record.key(), record.value());
                    }
                }
            }
        }
        Instant now = Instant.now();
        latest.values()
                .forEach(summary -> System.out.println(summary.get("candidateVersion") + " against "
                        + summary.get("productionVersion") + ", " + summary.get("segment") + ": "
                        + verdict(summary, now) + ". " + summary.get("explanation")));
    }
}
