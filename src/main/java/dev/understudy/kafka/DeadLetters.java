package dev.understudy.kafka;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.errors.DeserializationExceptionHandler;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.ProcessingExceptionHandler;
import org.apache.kafka.streams.errors.ProductionExceptionHandler;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/**
 * Sends what a stage cannot read, process or write to the topic {@code dead-letters}: the source record's own bytes and
 * headers, and headers that say stage, cause, and topic, partition, offset and time of the source. What is not the record's fault (a registry
 * that does not answer) fails the stage instead, so that the record is read again.
 *
 * <p>Kafka Streams' built-in handlers do not tell the two apart: they dropped a good record over one 503 of the
 * registry. The headers that they write keep their names here; the stack trace is left out, since it can be larger than
 * the record and says nothing to whom the record belongs.
 */
public final class DeadLetters {
    /** Streams setting that holds this object. */
    static final String OBJECT = "understudy.dead.letters";

    /** Header: the pipeline stage. */
    public static final String STAGE = "understudy.stage";
    /** Header: {@code UNREADABLE}, {@code UNPROCESSABLE} or {@code UNWRITABLE}. */
    public static final String CAUSE = "understudy.cause";
    /** Header: class of the exception. */
    public static final String EXCEPTION = "__streams.errors.exception";
    /** Header: message of the exception. */
    public static final String MESSAGE = "__streams.errors.message";
    /** Header: topic of the source record. */
    public static final String TOPIC = "__streams.errors.topic";
    /** Header: partition of the source record, as decimal text. */
    public static final String PARTITION = "__streams.errors.partition";
    /** Header: offset of the source record, as decimal text. */
    public static final String OFFSET = "__streams.errors.offset";
    /** Header: time of the source record, in ms since 1970 as decimal text; the letter's own may be the broker's. */
    public static final String TIMESTAMP = "understudy.timestamp";
    /** Header of a record that was sent again: its letter, as {@code <partition>:<offset>}. */
    public static final String REPLAY_OF = "understudy.replay-of";
    /** Header of a note among the letters that one was replayed: that letter. The source's place stands as in a letter. */
    public static final String REPLAYED = "understudy.replayed";

    private final String stage;
    private final String topic;
    private final long limit;
    private final LongAdder count = new LongAdder();

    /** @param limit bytes that value and headers may have together; a larger value is left out of its letter */
    DeadLetters(String stage, String topic, long limit) {
        this.stage = stage;
        this.topic = topic;
        this.limit = limit;
    }

    long count() {
        return count.sum();
    }

    private List<ProducerRecord<byte[], byte[]>> letter(
            ErrorHandlerContext context,
            byte @Nullable [] key,
            byte @Nullable [] value,
            String cause,
            Exception exception) {
        Headers headers = new RecordHeaders();
        if (context.headers() != null) {
            for (Header header : context.headers()) {
                headers.add(header);
            }
        }
        put(headers, STAGE, stage);
        put(headers, CAUSE, cause);
        put(headers, EXCEPTION, exception.getClass().getName());
        put(headers, MESSAGE, String.valueOf(exception.getMessage()));
        put(headers, TOPIC, String.valueOf(context.topic()));
        put(headers, PARTITION, Integer.toString(context.partition()));
        put(headers, OFFSET, Long.toString(context.offset()));
        put(headers, TIMESTAMP, Long.toString(context.timestamp()));
        count.increment();
        byte[] fitting = BoundedSerializer.size(value, headers) > limit ? null : value;
        Long timestamp = context.timestamp() < 0 ? null : context.timestamp();
        return List.of(new ProducerRecord<>(topic, null, timestamp, key, fitting, headers));
    }

    /**
     * Whether a failure is about what the stage tells itself: a record of an internal topic, or a punctuation, which has no
     * record. To go on would lose evidence that only the stage has, so it fails.
     */
    private static boolean isInternal(@Nullable String topic) {
        return topic == null || topic.endsWith("-repartition") || topic.endsWith("-changelog");
    }

    private static void put(Headers headers, String name, String text) {
        headers.add(name, text.getBytes(StandardCharsets.UTF_8));
    }

    private static DeadLetters from(Map<String, ?> configs) {
        if (configs.get(OBJECT) instanceof DeadLetters letters) {
            return letters;
        }
        throw new ConfigException(OBJECT, configs.get(OBJECT), "must be the stage's DeadLetters object");
    }

    /** For records that cannot be decoded. Made by Kafka Streams. */
    public static final class Unreadable implements DeserializationExceptionHandler {
        private @Nullable DeadLetters letters;

        @Override
        public void configure(Map<String, ?> configs) {
            letters = from(configs);
        }

        @Override
        public DeserializationExceptionHandler.Response handleError(
                ErrorHandlerContext context, ConsumerRecord<byte[], byte[]> record, Exception exception) {
            if (letters == null || isInternal(context.topic()) || OutsideCauses.isOutside(exception)) {
                return DeserializationExceptionHandler.Response.fail();
            }
            return DeserializationExceptionHandler.Response.resume(
                    letters.letter(context, record.key(), record.value(), "UNREADABLE", exception));
        }
    }

    /** For records over which a processor throws. Made by Kafka Streams. */
    public static final class Unprocessable implements ProcessingExceptionHandler {
        private @Nullable DeadLetters letters;

        @Override
        public void configure(Map<String, ?> configs) {
            letters = from(configs);
        }

        @Override
        public ProcessingExceptionHandler.Response handleError(
                ErrorHandlerContext context, Record<?, ?> record, Exception exception) {
            if (letters == null || isInternal(context.topic()) || OutsideCauses.isOutside(exception)) {
                return ProcessingExceptionHandler.Response.fail();
            }
            return ProcessingExceptionHandler.Response.resume(letters.letter(
                    context, context.sourceRawKey(), context.sourceRawValue(), "UNPROCESSABLE", exception));
        }
    }

    /** For derived records that cannot be encoded or are too large. Made by Kafka Streams. */
    public static final class Unwritable implements ProductionExceptionHandler {
        private @Nullable DeadLetters letters;

        @Override
        public void configure(Map<String, ?> configs) {
            letters = from(configs);
        }

        @Override
        public ProductionExceptionHandler.Response handleError(
                ErrorHandlerContext context, ProducerRecord<byte[], byte[]> record, Exception exception) {
            if (exception instanceof RetriableException) {
                return ProductionExceptionHandler.Response.retry();
            }
            if (letters == null || isInternal(record.topic()) || !(exception instanceof RecordTooLargeException)) {
                return ProductionExceptionHandler.Response.fail();
            }
            // The source's bytes are gone when the producer reports; its topic, partition and offset are not.
            return ProductionExceptionHandler.Response.resume(
                    letters.letter(context, record.key(), null, "UNWRITABLE", exception));
        }

        @Override
        @SuppressWarnings("rawtypes") // as declared by Kafka Streams
        public ProductionExceptionHandler.Response handleSerializationError(
                ErrorHandlerContext context,
                ProducerRecord record,
                Exception exception,
                SerializationExceptionOrigin origin) {
            if (letters == null
                    || isInternal(context.topic())
                    || isInternal(record.topic())
                    || OutsideCauses.isOutside(exception)) {
                return ProductionExceptionHandler.Response.fail();
            }
            return ProductionExceptionHandler.Response.resume(
                    letters.letter(context, context.sourceRawKey(), context.sourceRawValue(), "UNWRITABLE", exception));
        }
    }
}
