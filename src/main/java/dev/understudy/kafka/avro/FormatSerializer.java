package dev.understudy.kafka.avro;

import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/** Writes a hot record in Confluent's wire format. Safe to use from several threads. */
final class FormatSerializer<T> implements Serializer<T> {
    private final RecordFormat<T> format;
    private final SchemaIds ids;
    /** The buffer of the last record, if no other thread has it. One that met an exception does not come back. */
    private final AtomicReference<@Nullable AvroBuffer> spare = new AtomicReference<>();

    FormatSerializer(RecordFormat<T> format, SchemaIds ids) {
        this.format = format;
        this.ids = ids;
    }

    @Override
    public byte @Nullable [] serialize(String topic, @Nullable T value) {
        if (value == null) {
            return null;
        }
        int id = ids.idOf(topic, format.schema());
        AvroBuffer out = spare.getAndSet(null);
        if (out == null) {
            out = new AvroBuffer();
        }
        out.clear();
        WireFormat.writePrefix(out, id);
        try {
            format.write(out, value);
        } catch (RuntimeException e) {
            throw new SerializationException(
                    "a " + format.schema().getFullName() + " for topic " + topic + " does not fit its schema: "
                            + e.getMessage(),
                    e);
        }
        byte[] bytes = out.toByteArray();
        spare.set(out);
        return bytes;
    }
}
