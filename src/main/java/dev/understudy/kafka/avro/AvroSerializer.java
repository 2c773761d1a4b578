package dev.understudy.kafka.avro;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.avro.Schema;
import org.apache.avro.data.TimeConversions;
import org.apache.avro.generic.GenericContainer;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DatumWriter;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/**
 * Writes Avro records, generated or generic, in Confluent's wire format. Chosen by class name ({@code
 * value.serializer}), it takes Confluent's configuration keys. Safe to use from several threads.
 *
 * @param <T> any Avro record
 */
public final class AvroSerializer<T> implements Serializer<T> {
    private final SpecificData data = new SpecificData();
    /** The encoder of the last record, if no other thread has it. One that met an exception keeps bytes of it, so it does not come back. */
    private final AtomicReference<@Nullable Encoding> spare = new AtomicReference<>();

    private @Nullable SchemaIds ids;

    private static final class Encoding {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
        private final BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
        private @Nullable Schema schema;
        private @Nullable DatumWriter<Object> writer;

        DatumWriter<Object> writer(Schema schema, SpecificData data) {
            DatumWriter<Object> current = writer;
            if (current == null || !schema.equals(this.schema)) {
                current = new SpecificDatumWriter<>(schema, data);
                this.schema = schema;
                this.writer = current;
            }
            return current;
        }
    }

    /** To be configured by {@link #configure}. */
    public AvroSerializer() {
        data.setCustomCoders(true);
        data.addLogicalTypeConversion(new TimeConversions.TimestampMillisConversion());
    }

    AvroSerializer(SchemaIds ids) {
        this();
        this.ids = ids;
    }

    @Override
    public void configure(Map<String, ?> configuration, boolean isKey) {
        if (ids == null) {
            ids = new SchemaIds(new HttpRegistry(configuration), SerdeSettings.parse(configuration), isKey);
        }
    }

    @Override
    public byte @Nullable [] serialize(String topic, @Nullable T value) {
        if (value == null) {
            return null;
        }
        SchemaIds known = ids;
        if (known == null) {
            throw new IllegalStateException("AvroSerializer is not configured: it needs schema.registry.url");
        }
        if (!(value instanceof GenericContainer record)) {
            throw new SerializationException("topic " + topic + " takes Avro records, was given a "
                    + value.getClass().getName());
        }
        Schema schema = record.getSchema();
        int id = known.idOf(topic, schema);
        Encoding encoding = spare.getAndSet(null);
        if (encoding == null) {
            encoding = new Encoding();
        }
        try {
            encoding.bytes.reset();
            encoding.bytes.write(0);
            encoding.bytes.write(id >>> 24);
            encoding.bytes.write(id >>> 16);
            encoding.bytes.write(id >>> 8);
            encoding.bytes.write(id);
            encoding.writer(schema, data).write(value, encoding.encoder);
            encoding.encoder.flush();
        } catch (IOException | RuntimeException e) {
            throw new SerializationException(
                    "a " + schema.getFullName() + " for topic " + topic + " does not fit its schema: " + e.getMessage(),
                    e);
        }
        byte[] bytes = encoding.bytes.toByteArray();
        spare.set(encoding);
        return bytes;
    }
}
