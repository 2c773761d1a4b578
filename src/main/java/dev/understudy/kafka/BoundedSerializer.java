package dev.understudy.kafka;

import java.util.Map;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TopologyConfig;
import org.jspecify.annotations.Nullable;

/**
 * Refuses a record that the producer would refuse for its size, before the producer sees it. Under exactly-once a refusal
 * by the producer aborts the transaction, the stage reads the same request again, and so on for ever; a refusal here makes
 * it a dead letter with the bytes of its source.
 */
public final class BoundedSerializer<V> implements Serializer<V> {
    private static final int KAFKAS_DEFAULT = 1 << 20;
    /** For key, timestamps and the batch around the record. */
    private static final int AROUND = 1024;

    private final Serializer<V> serializer;
    private final long limit;

    private BoundedSerializer(Serializer<V> serializer, long limit) {
        this.serializer = serializer;
        this.limit = limit;
    }

    /** The serializer, bounded by what the producer of a topology with this configuration takes. */
    public static <V> BoundedSerializer<V> of(Serializer<V> serializer, TopologyConfig config) {
        return new BoundedSerializer<>(serializer, limit(config.applicationConfigs.originals()));
    }

    /** Bytes that values and headers may have together. */
    static long limit(Map<String, ?> settings) {
        Object prefixed = settings.get(StreamsConfig.producerPrefix(ProducerConfig.MAX_REQUEST_SIZE_CONFIG));
        Object bare = settings.get(ProducerConfig.MAX_REQUEST_SIZE_CONFIG);
        Object chosen = prefixed == null ? bare : prefixed;
        return (chosen == null
                        ? KAFKAS_DEFAULT
                        : Long.parseLong(chosen.toString().trim()))
                - AROUND;
    }

    /** Bytes of value and headers. */
    static long size(byte @Nullable [] value, @Nullable Headers headers) {
        long size = value == null ? 0 : value.length;
        if (headers != null) {
            for (Header header : headers) {
                byte[] bytes = header.value();
                // At most three bytes for each character of the name, and the two lengths.
                size += 3L * header.key().length() + 10 + (bytes == null ? 0 : bytes.length);
            }
        }
        return size;
    }

    @Override
    public byte @Nullable [] serialize(String topic, V value) {
        return serialize(topic, null, value);
    }

    @Override
    public byte @Nullable [] serialize(String topic, @Nullable Headers headers, V value) {
        byte[] bytes =
                headers == null ? serializer.serialize(topic, value) : serializer.serialize(topic, headers, value);
        long size = size(bytes, headers);
        if (size > limit) {
            throw new RecordTooLargeException("a record for " + topic + " has " + size + " bytes with its headers, but"
                    + " only " + limit + " fit into producer.max.request.size less " + AROUND
                    + "; raise it in kafka.properties, and max.message.bytes of the topic");
        }
        return bytes;
    }

    @Override
    public void close() {
        serializer.close();
    }
}
