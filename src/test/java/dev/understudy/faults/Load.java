package dev.understudy.faults;

import dev.understudy.avro.Outcome;
import dev.understudy.broker.Await;
import dev.understudy.domain.FraudRequests;
import dev.understudy.domain.Origin;
import dev.understudy.domain.Request;
import dev.understudy.kafka.Topic;
import dev.understudy.kafka.Topics;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Sends the shipped requests at a steady rate, one in a hundred replaced by bytes that are no request, and the outcome of
 * every second one a little later. It waits for brokers that are gone.
 */
final class Load implements AutoCloseable {
    /** Header of what is no request. */
    static final String POISON = "poison";

    private static final int POISON_EVERY = 100;
    private static final int OUTCOME_AFTER = 400;
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private final Topics topics;
    private final int perSecond;
    private final KafkaProducer<byte[], byte[]> producer;
    private final FraudRequests requests = FraudRequests.read();
    private final AtomicInteger sent = new AtomicInteger();
    private final Set<Origin> acknowledged = ConcurrentHashMap.newKeySet();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final Deque<Outcome> outcomes = new ArrayDeque<>();
    private final Thread thread = new Thread(this::send, "load");
    private volatile boolean stopping;

    Load(String bootstrapServers, Topics topics, int perSecond) {
        this.topics = topics;
        this.perSecond = perSecond;
        this.producer = new KafkaProducer<>(
                Map.of(
                        "bootstrap.servers",
                        bootstrapServers,
                        "linger.ms",
                        5,
                        "max.block.ms",
                        PATIENCE.toMillis(),
                        "delivery.timeout.ms",
                        (int) PATIENCE.toMillis()),
                new ByteArraySerializer(),
                new ByteArraySerializer());
        thread.setDaemon(true);
        thread.start();
    }

    /** Requests so far, poison among them. */
    int sent() {
        return sent.get();
    }

    /** Where requests and poison stand that a broker has taken. */
    Set<Origin> acknowledged() {
        return acknowledged;
    }

    /** Returns when so many more have been sent. */
    void awaitMore(int more) {
        int target = sent() + more;
        Await.until("the load has sent " + target, PATIENCE, () -> sent() >= target || failure.get() != null);
        throwFailure();
    }

    /** Returns when it has sent for so long, at its rate. */
    void awaitSeconds(int seconds) {
        awaitMore(seconds * perSecond);
    }

    private void send() {
        try {
            long start = System.nanoTime();
            for (int n = 0; !stopping; n++) {
                long due = start + n * 1_000_000_000L / perSecond;
                for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                    LockSupport.parkNanos(left);
                }
                if (n % POISON_EVERY == POISON_EVERY - 1) {
                    sendPoison(n);
                } else {
                    send(n);
                }
                sent.incrementAndGet();
            }
            while (!outcomes.isEmpty()) {
                sendOutcome();
            }
            producer.flush();
        } catch (RuntimeException e) {
            failure.compareAndSet(null, e);
        }
    }

    private void send(int n) {
        Request request = requests.get(n);
        give(record(topics.predictionRequests(), request.entityId(), request));
        if (n % 2 == 0) {
            outcomes.add(Outcome.newBuilder()
                    .setRequestId(request.requestId())
                    .setEntityId(request.entityId())
                    .setLabel(n % 20 == 0 ? "1" : "0")
                    .setObservedAt(System.currentTimeMillis())
                    .build());
        }
        if (outcomes.size() > OUTCOME_AFTER / 2) {
            sendOutcome();
        }
    }

    private void sendOutcome() {
        Outcome outcome = outcomes.remove();
        give(record(topics.outcomes(), outcome.getEntityId(), outcome));
    }

    private static <V> ProducerRecord<byte[], byte[]> record(Topic<String, V> topic, String entity, V value) {
        return new ProducerRecord<>(
                topic.name(),
                entity.getBytes(StandardCharsets.UTF_8),
                topic.valueSerde().serializer().serialize(topic.name(), value));
    }

    /** In turn: no Avro at all, a schema that nobody knows, and a request that ends in the middle. */
    private void sendPoison(int n) {
        byte[] whole =
                record(topics.predictionRequests(), "poison", requests.get(n)).value();
        byte[] value = switch (n / POISON_EVERY % 3) {
            case 0 -> "not Avro".getBytes(StandardCharsets.UTF_8);
            case 1 ->
                ByteBuffer.allocate(9).put((byte) 0).putInt(987_654).putInt(n).array();
            default -> Arrays.copyOf(whole, whole.length / 2);
        };
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(
                topics.predictionRequests().name(), ("p" + n).getBytes(StandardCharsets.UTF_8), value);
        record.headers().add(POISON, new byte[0]);
        give(record);
    }

    private void give(ProducerRecord<byte[], byte[]> record) {
        var unused = producer.send(record, (metadata, problem) -> {
            if (problem != null) {
                failure.compareAndSet(null, problem);
            } else if (metadata.topic().equals(topics.predictionRequests().name())) {
                acknowledged.add(new Origin(metadata.partition(), metadata.offset()));
            }
        });
    }

    private void throwFailure() {
        Throwable thrown = failure.get();
        if (thrown != null) {
            throw new AssertionError("the load failed", thrown);
        }
    }

    /** Sends what is left of outcomes, and waits until everything is acknowledged. */
    void finish() {
        stopping = true;
        try {
            thread.join(PATIENCE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throwFailure();
    }

    @Override
    public void close() {
        stopping = true;
        producer.close(Duration.ZERO);
    }
}
