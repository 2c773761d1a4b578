package dev.understudy.kafka;

import dev.understudy.domain.DeclaredStage;
import dev.understudy.domain.DurationText;
import dev.understudy.domain.ModelPair;
import dev.understudy.domain.StageBook;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The declared rollout stages, read from the compacted topic {@code rollout-stages} from its beginning and followed from
 * then on. What is asked of it is answered from memory.
 *
 * <p>A record that cannot be read is logged, counted and left out: an operator's mistake must not stop production. A
 * registry that does not answer is waited for.
 */
public final class StageFollower implements StageBook, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StageFollower.class);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration EPOCH_LIMIT = Duration.ofSeconds(30);
    private static final Duration RETRY = Duration.ofMillis(500);

    private final Topic<String, DeclaredStage> topic;
    private final Deserializer<DeclaredStage> decoder;
    private final Consumer<String, byte[]> consumer;
    private final Thread thread;
    private final Queue<CatchUp> waiting = new ConcurrentLinkedQueue<>();
    /** Only the thread changes it. */
    private final Map<String, DeclaredStage> byKey = new HashMap<>();

    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    /** Every stage that was read, in force or not: evidence of an earlier epoch keeps its references. */
    private final Map<Declaration, DeclaredStage> declared = new ConcurrentHashMap<>();

    private volatile Snapshot snapshot = new Snapshot(Map.of(), 0);
    private final LongAdder unreadable = new LongAdder();
    private volatile boolean closing;
    private volatile boolean stopped;

    private record Declaration(ModelPair pair, long epoch) {}

    private record Snapshot(Map<ModelPair, DeclaredStage> stages, long latestEpoch) {}

    /** Somebody waits until everything up to {@code ends} is read; the ends are asked for on the thread. */
    private static final class CatchUp {
        final CompletableFuture<Void> done = new CompletableFuture<>();

        @Nullable
        Map<TopicPartition, Long> ends;
    }

    private StageFollower(Topic<String, DeclaredStage> topic, Consumer<String, byte[]> consumer, String threadName) {
        this.topic = topic;
        this.decoder = topic.valueSerde().deserializer();
        this.consumer = consumer;
        this.thread = new Thread(this::follow, threadName);
        this.thread.setDaemon(true);
    }

    /** Begins to read. Ask {@link #awaitCaughtUp} before the first answer counts. */
    public static StageFollower start(KafkaConnection connection, Topic<String, DeclaredStage> topic, String reader) {
        Map<String, Object> settings = connection.clientSettings();
        settings.put(ConsumerConfig.CLIENT_ID_CONFIG, reader + "-stage-follower");
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        StageFollower follower = new StageFollower(
                topic,
                new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer()),
                reader + "-stage-follower");
        follower.thread.start();
        return follower;
    }

    @Override
    public Optional<DeclaredStage> current(ModelPair pair) {
        return Optional.ofNullable(snapshot.stages().get(pair));
    }

    @Override
    public Optional<DeclaredStage> declared(ModelPair pair, long epoch) {
        if (epoch > snapshot.latestEpoch()) {
            // A record carries it, so it stands in the topic.
            awaitCaughtUp(EPOCH_LIMIT);
        }
        return Optional.ofNullable(declared.get(new Declaration(pair, epoch)));
    }

    @Override
    public Collection<DeclaredStage> all() {
        return snapshot.stages().values();
    }

    @Override
    public long latestEpoch() {
        return snapshot.latestEpoch();
    }

    /** Records of the topic that could not be read since start. */
    public long unreadable() {
        return unreadable.sum();
    }

    /**
     * Waits until all that was declared before this call is known.
     *
     * @throws StageFailedException if the topic is missing or cannot be read within the limit
     */
    public void awaitCaughtUp(Duration limit) {
        CatchUp catchUp = new CatchUp();
        waiting.add(catchUp);
        if (stopped) {
            failWaiting();
        }
        consumer.wakeup();
        try {
            catchUp.done.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            Throwable reason = failure.get();
            throw new StageFailedException(
                    "topic " + topic + " could not be read within " + DurationText.format(limit)
                            + (reason == null ? "; does the broker answer?" : ": " + FailureText.of(reason)),
                    e);
        } catch (ExecutionException e) {
            throw new StageFailedException("topic " + topic + " cannot be read: " + FailureText.of(e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StageFailedException("interrupted while reading topic " + topic, e);
        } finally {
            waiting.remove(catchUp);
        }
    }

    @Override
    public void close() {
        closing = true;
        consumer.wakeup();
        try {
            thread.join(RETRY.multipliedBy(10).toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void follow() {
        try (consumer) {
            assign();
            while (!closing) {
                try {
                    for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
                        apply(record);
                    }
                    completeWaiting();
                } catch (WakeupException e) {
                    // Somebody waits, or closes; the loop's head looks.
                } catch (RetriableException e) {
                    LOG.warn("topic={} not readable now, trying again: {}", topic, e.getMessage());
                }
            }
        } catch (StageFailedException e) {
            failure.set(e); // for whoever waits
        } catch (RuntimeException e) {
            if (!closing) {
                failure.set(e);
                LOG.error("topic={} is not followed any more", topic, e);
            }
        } finally {
            stopped = true;
            failWaiting();
        }
    }

    private void assign() {
        long firstMissing = 0;
        boolean missing = false;
        while (!closing) {
            try {
                List<PartitionInfo> partitions = partitions();
                if (!partitions.isEmpty()) {
                    List<TopicPartition> all = partitions.stream()
                            .map(info -> new TopicPartition(info.topic(), info.partition()))
                            .toList();
                    consumer.assign(all);
                    consumer.seekToBeginning(all);
                    return;
                }
                long now = System.nanoTime();
                firstMissing = missing ? firstMissing : now;
                missing = true;
                if (now - firstMissing > StartCheck.NEW_TOPIC_DELAY.toNanos()) {
                    throw new StageFailedException(
                            "it does not exist; create what is missing with `understudy topics create`");
                }
            } catch (WakeupException e) {
                // As in the loop above.
            } catch (RetriableException e) {
                LOG.warn("topic={} not found yet: {}", topic, e.getMessage());
            }
            pause();
        }
    }

    /** Of the topic; none while the brokers do not know it. */
    private List<PartitionInfo> partitions() {
        try {
            return Objects.requireNonNullElse(consumer.partitionsFor(topic.name()), List.of());
        } catch (UnknownTopicOrPartitionException e) {
            return List.of();
        }
    }

    private void apply(ConsumerRecord<String, byte[]> record) {
        long latest = snapshot.latestEpoch();
        if (record.value() == null) {
            byKey.remove(record.key());
        } else {
            DeclaredStage stage = decode(record);
            if (stage == null) {
                return;
            }
            byKey.put(record.key(), stage);
            declared.put(new Declaration(stage.pair(), stage.epoch()), stage);
            latest = Math.max(latest, stage.epoch());
        }
        Map<ModelPair, DeclaredStage> stages = new HashMap<>();
        byKey.values().forEach(declared -> stages.put(declared.pair(), declared));
        snapshot = new Snapshot(Map.copyOf(stages), latest);
    }

    /** Null for what is no stage, whenever it is read. */
    private @Nullable DeclaredStage decode(ConsumerRecord<String, byte[]> record) {
        while (true) {
            try {
                DeclaredStage stage = decoder.deserialize(record.topic(), record.headers(), record.value());
                failure.set(null);
                return stage;
            } catch (SerializationException | IllegalArgumentException e) {
                if (!OutsideCauses.isOutside(e)) {
                    unreadable.increment();
                    LOG.warn(
                            "topic={} partition={} offset={} is left out: {}",
                            record.topic(),
                            record.partition(),
                            record.offset(),
                            e.getMessage());
                    return null;
                }
                failure.set(e);
                LOG.warn("topic={} offset={} waits: {}", record.topic(), record.offset(), e.getMessage());
            }
            if (closing) {
                throw new WakeupException();
            }
            pause();
        }
    }

    private void completeWaiting() {
        waiting.removeIf(catchUp -> {
            if (catchUp.ends == null) {
                catchUp.ends = consumer.endOffsets(consumer.assignment());
            }
            boolean caughtUp =
                    catchUp.ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
            if (caughtUp) {
                catchUp.done.complete(null);
            }
            return caughtUp;
        });
    }

    private void failWaiting() {
        Throwable reason = failure.get();
        for (CatchUp catchUp : waiting) {
            catchUp.done.completeExceptionally(
                    reason == null ? new IllegalStateException("the follower was closed") : reason);
        }
    }

    private static void pause() {
        try {
            Thread.sleep(RETRY.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptException(e);
        }
    }
}
