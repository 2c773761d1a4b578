import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Asks for predictions, waits for each by its request id, and reports later what really happened. Run it as docs/clients.md
 * says; its arguments are Kafka's bootstrap servers and the registry's URL.
 */
public final class PredictionClient implements AutoCloseable {
    /** Confluent's own, with the same settings: io.confluent.kafka.serializers.KafkaAvroSerializer. */
    private static final String SERIALIZER = "dev.understudy.kafka.avro.AvroSerializer";

    /** Confluent's own: io.confluent.kafka.serializers.KafkaAvroDeserializer. */
    private static final String DESERIALIZER = "dev.understudy.kafka.avro.AvroDeserializer";

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Schema requests = schema("PredictionRequest");
    private final Schema outcomes = schema("Outcome");
    private final Map<String, CompletableFuture<GenericRecord>> waiting = new ConcurrentHashMap<>();
    private final KafkaProducer<String, GenericRecord> producer;
    private final KafkaConsumer<String, GenericRecord> consumer;
    private final Thread reader = new Thread(this::read, "predictions");
    private volatile boolean closed;

    PredictionClient(String kafka, String registry) throws IOException {
        producer = new KafkaProducer<>(Map.of(
                "bootstrap.servers", kafka,
                "schema.registry.url", registry,
                "key.serializer", "org.apache.kafka.common.serialization.StringSerializer",
                "value.serializer", SERIALIZER));
        consumer = new KafkaConsumer<>(Map.of(
                "bootstrap.servers", kafka,
                "schema.registry.url", registry,
                "isolation.level", "read_committed",
                "enable.auto.commit", false,
                "key.deserializer", "org.apache.kafka.common.serialization.StringDeserializer",
                "value.deserializer", DESERIALIZER));
        List<TopicPartition> partitions = consumer.partitionsFor("predictions").stream()
                .map(found -> new TopicPartition(found.topic(), found.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToEnd(partitions);
        partitions.forEach(consumer::position); // The end is looked up now, before anything is sent.
        reader.start();
    }

    /** Sends a request. What is given back fails if there is no prediction in time, as for a request nobody could read. */
    CompletableFuture<GenericRecord> predict(
            String entityId, Map<String, String> attributes, Map<String, Object> features) {
        String requestId = UUID.randomUUID().toString();
        GenericRecord request = new GenericData.Record(requests);
        request.put("requestId", requestId);
        request.put("entityId", entityId);
        request.put("attributes", attributes);
        request.put("createdAt", System.currentTimeMillis());
        request.put("features", features); // Double, Long, Boolean, String, a List<Double>, or null

        CompletableFuture<GenericRecord> answer = new CompletableFuture<>();
        waiting.put(requestId, answer);
        producer.send(new ProducerRecord<>("prediction-requests", entityId, request), (sent, failure) -> {
            if (failure != null) {
                answer.completeExceptionally(failure);
            }
        });
        return answer.orTimeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                .whenComplete((prediction, failure) -> waiting.remove(requestId));
    }

    /** Says which class a request turned out to be of. It has the request's key, and so its partition. */
    void reportOutcome(String requestId, String entityId, String label) {
        GenericRecord outcome = new GenericData.Record(outcomes);
        outcome.put("requestId", requestId);
        outcome.put("entityId", entityId);
        outcome.put("label", label);
        outcome.put("observedAt", System.currentTimeMillis());
        producer.send(new ProducerRecord<>("outcomes", entityId, outcome), (sent, failure) -> {
            if (failure != null) {
                System.err.println("the outcome of " + requestId + " was not sent: " + failure);
            }
        });
    }

    /** Predictions of other clients, and repeated ones, find nobody waiting. */
    private void read() {
        try (consumer) {
            while (!closed) {
                for (ConsumerRecord<String, GenericRecord> record : consumer.poll(Duration.ofMillis(100))) {
                    GenericRecord prediction = record.value();
                    CompletableFuture<GenericRecord> answer =
                            waiting.get(prediction.get("requestId").toString());
                    if (answer != null) {
                        answer.complete(prediction);
                    }
                }
            }
        } catch (RuntimeException e) {
            waiting.values().forEach(answer -> answer.completeExceptionally(e));
        }
    }

    @Override
    public void close() throws InterruptedException {
        closed = true;
        reader.join();
        producer.close();
    }

    private static Schema schema(String name) throws IOException {
        return new Schema.Parser().parse(Files.readString(Path.of("schemas", name + ".avsc")));
    }

    public static void main(String[] arguments) throws Exception {
        Map<String, Object> payment = Map.ofEntries(
                Map.entry("amount", 32.29),
                Map.entry("amount_ratio", 1.638),
                Map.entry("hour", 4L),
                Map.entry("utc_offset", -5L),
                Map.entry("account_age_days", 707L),
                Map.entry("payments_24h", 12L),
                Map.entry("failed_logins", 1L),
                Map.entry("distance_km", 11.9),
                Map.entry("cross_border", 0L),
                Map.entry("merchant_risk", 0.474),
                Map.entry("device_trust", 0.646),
                Map.entry("online", 1L),
                Map.entry("typing_seconds", 1.2));
        try (PredictionClient client = new PredictionClient(arguments[0], arguments[1])) {
            CompletableFuture<GenericRecord> good = client.predict("card-0225", Map.of("region", "latam"), payment);
            CompletableFuture<GenericRecord> empty = client.predict("card-1246", Map.of(), Map.of());
            for (CompletableFuture<GenericRecord> answer : List.of(good, empty)) {
                GenericRecord prediction = answer.get();
                boolean scored = prediction.get("status").toString().equals("SCORED");
                System.out.println(prediction.get("entityId") + ": "
                        + (scored
                                ? "label " + prediction.get("label") + ", score " + prediction.get("score") + ", by "
                                        + prediction.get("modelVersion")
                                : prediction.get("errorCode") + ", " + prediction.get("errorMessage")));
            }
            client.reportOutcome(good.get().get("requestId").toString(), "card-0225", "0");
        }
    }
}
