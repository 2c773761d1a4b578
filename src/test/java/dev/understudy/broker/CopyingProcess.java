package dev.understudy.broker;

import dev.understudy.process.LifeLine;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** A process of somebody else, with plain Kafka clients: copies one topic to another in capitals until it is ended. */
final class CopyingProcess {
    private CopyingProcess() {}

    public static void main(String[] arguments) {
        LifeLine.exitWhenCut(System.in, Duration.ofSeconds(5));
        Map<String, Object> reading = Map.of(
                "bootstrap.servers",
                arguments[0],
                "group.id",
                arguments[1] + "-copier",
                "auto.offset.reset",
                "earliest");
        Map<String, Object> writing = Map.of("bootstrap.servers", arguments[0]);
        try (KafkaConsumer<String, String> consumer =
                        new KafkaConsumer<>(reading, new StringDeserializer(), new StringDeserializer());
                KafkaProducer<String, String> producer =
                        new KafkaProducer<>(writing, new StringSerializer(), new StringSerializer())) {
            consumer.subscribe(List.of(arguments[1]));
            System.out.writeBytes("READY\n".getBytes(StandardCharsets.UTF_8));
            System.out.flush();
            while (true) {
                List<Future<RecordMetadata>> sent = new ArrayList<>();
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(200))) {
                    sent.add(producer.send(new ProducerRecord<>(
                            arguments[2], record.key(), record.value().toUpperCase(Locale.ROOT))));
                }
                sent.forEach(TestKafka::get);
            }
        }
    }
}
