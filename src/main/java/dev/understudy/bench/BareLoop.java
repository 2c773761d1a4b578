package dev.understudy.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.understudy.avro.Origin;
import dev.understudy.avro.Prediction;
import dev.understudy.avro.PredictionStatus;
import dev.understudy.avro.RoutingDecision;
import dev.understudy.avro.RoutingReason;
import dev.understudy.kafka.StageSettings;
import dev.understudy.kafka.Topics;
import dev.understudy.kafka.avro.AvroSerdes;
import dev.understudy.model.onnx.OnnxEnvironment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * The tightest loop from requests to predictions: poll, decode straight into the model's input, one call, encode, send. The
 * promises of SCORE at least once: what was sent is acknowledged before offsets are committed, every 100 ms.
 */
final class BareLoop implements AutoCloseable {
    /** As Kafka Streams has it. */
    private static final int MOST_ROWS = 1_000;

    private static final Duration POLL = Duration.ofMillis(100);
    private static final long COMMIT_NANOS = Duration.ofMillis(100).toNanos();
    private static final int LINGER_MILLIS = 5;

    private final Topics topics;
    private final AvroSerdes serdes;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final KafkaProducer<byte[], byte[]> producer;
    private final BareCodec codec;
    private final OrtSession session;
    private final ColumnsModel model;
    private final FloatBuffer inputs;
    private final LongBuffer labels;
    private final FloatBuffer probabilities;
    private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
    private final BareCodec.Ids[] ids = new BareCodec.Ids[MOST_ROWS];

    BareLoop(BenchConnection connection, ColumnsModel model, String file) throws OrtException {
        this.serdes = connection.serdes();
        this.topics = connection.topics(serdes);
        this.model = model;
        OrtSession.SessionOptions options = new OrtSession.SessionOptions();
        options.setIntraOpNumThreads(1);
        options.setInterOpNumThreads(1);
        options.addConfigEntry("session.intra_op.allow_spinning", "0");
        this.session = ColumnsModel.session(file, options);
        int columns = model.features().size();
        this.inputs = direct(MOST_ROWS * columns * Float.BYTES).asFloatBuffer();
        this.labels = direct(MOST_ROWS * Long.BYTES).asLongBuffer();
        this.probabilities = direct(MOST_ROWS * 2 * Float.BYTES).asFloatBuffer();
        this.codec = new BareCodec(model.features(), wirePrefix());
        for (int row = 0; row < ids.length; row++) {
            ids[row] = new BareCodec.Ids();
        }
        Map<String, Object> reading = connection.kafka().clientSettings();
        reading.put(ConsumerConfig.GROUP_ID_CONFIG, connection.topicPrefix() + "peer");
        reading.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        reading.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        reading.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, MOST_ROWS);
        reading.put(
                ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG,
                Long.toString(connection.sessionTimeout().toMillis()));
        this.consumer = new KafkaConsumer<>(reading, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        Map<String, Object> writing = connection.kafka().clientSettings();
        writing.put(ProducerConfig.LINGER_MS_CONFIG, LINGER_MILLIS);
        writing.put(ProducerConfig.BATCH_SIZE_CONFIG, StageSettings.BATCH_BYTES);
        this.producer = new KafkaProducer<>(writing, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private static ByteBuffer direct(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }

    /** Magic and schema id: registers the schema as any serializer does. */
    private byte[] wirePrefix() {
        byte[] any = topics.predictions()
                .valueSerde()
                .serializer()
                .serialize(
                        topics.predictions().name(),
                        Prediction.newBuilder()
                                .setRequestId("")
                                .setEntityId("")
                                .setOrigin(new Origin(0, 0L))
                                .setModel("")
                                .setStatus(PredictionStatus.SCORED)
                                .setDecision(new RoutingDecision("", null, RoutingReason.DEFAULT))
                                .setEpoch(0)
                                .setQueueNanos(0)
                                .setBatchNanos(0)
                                .setBatchRows(0)
                                .setScoredAt(0)
                                .setShadowTargets(List.of())
                                .build());
        return Arrays.copyOf(any, BareCodec.WIRE_PREFIX);
    }

    /** Waits until partitions are assigned. */
    void start() {
        consumer.subscribe(List.of(topics.predictionRequests().name()));
        while (consumer.assignment().isEmpty()) {
            score(consumer.poll(POLL));
        }
    }

    /** Until the process ends. */
    void run() {
        long committed = System.nanoTime();
        boolean open = false;
        while (true) {
            ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
            if (!records.isEmpty()) {
                score(records);
                open = true;
            }
            if (open && System.nanoTime() - committed >= COMMIT_NANOS) {
                producer.flush();
                throwFailure();
                consumer.commitSync();
                committed = System.nanoTime();
                open = false;
            }
        }
    }

    private void score(ConsumerRecords<byte[], byte[]> records) {
        int rows = records.count();
        if (rows == 0) {
            return;
        }
        int row = 0;
        for (TopicPartition partition : records.partitions()) {
            for (ConsumerRecord<byte[], byte[]> record : records.records(partition)) {
                codec.decode(record.value(), ids[row], inputs, row);
                row++;
            }
        }
        long start = System.nanoTime();
        call(rows);
        long nanos = System.nanoTime() - start;
        long now = System.currentTimeMillis();
        row = 0;
        for (TopicPartition partition : records.partitions()) {
            for (ConsumerRecord<byte[], byte[]> record : records.records(partition)) {
                byte[] value = codec.encode(
                        record.value(),
                        ids[row],
                        partition.partition(),
                        record.offset(),
                        labels.get(row),
                        probabilities.get(2 * row + 1),
                        nanos,
                        rows,
                        now);
                Future<?> unused = producer.send(
                        new ProducerRecord<>(
                                topics.predictions().name(),
                                partition.partition(),
                                record.timestamp(),
                                record.key(),
                                value),
                        this::sent);
                row++;
            }
        }
    }

    private void sent(RecordMetadata written, @Nullable Exception problem) {
        if (problem != null) {
            failure.compareAndSet(null, problem);
        }
    }

    private void throwFailure() {
        Exception problem = failure.get();
        if (problem != null) {
            throw new IllegalStateException("a prediction was not written", problem);
        }
    }

    private void call(int rows) {
        try (OnnxTensor input = OnnxTensor.createTensor(
                        OnnxEnvironment.get(),
                        inputs.slice(0, rows * model.features().size()),
                        new long[] {rows, model.features().size()});
                OnnxTensor label =
                        OnnxTensor.createTensor(OnnxEnvironment.get(), labels.slice(0, rows), new long[] {rows});
                OnnxTensor probability = OnnxTensor.createTensor(
                        OnnxEnvironment.get(), probabilities.slice(0, 2 * rows), new long[] {rows, 2})) {
            // The answers stand in the buffers.
            session.run(
                            Map.of(model.input(), input),
                            Set.of(),
                            Map.of(model.label(), label, model.probabilities(), probability))
                    .close();
        } catch (OrtException e) {
            throw new IllegalStateException("the model call failed", e);
        }
    }

    @Override
    public void close() {
        consumer.close();
        producer.close();
        serdes.close();
    }
}
