package dev.understudy.kafka.avro;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.avro.data.TimeConversions;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/**
 * Reads Avro records from Confluent's wire format: into the given generated class, else into the class that the
 * writer's schema names ({@code specific.avro.reader=true}), else into generic records. Chosen by class name ({@code
 * value.deserializer}), it takes Confluent's configuration keys. Safe to use from several threads.
 *
 * @param <T> what it gives
 */
public final class AvroDeserializer<T> implements Deserializer<T> {
    private final SpecificData data = new SpecificData();
    private final Map<Integer, Writer> writers = new ConcurrentHashMap<>();

    private final @Nullable Schema expected;

    private @Nullable SchemaRegistry registry;
    private SerdeSettings settings;
    private boolean key;

    private record Writer(Schema schema, DatumReader<Object> reader) {}

    /** To be configured by {@link #configure}. */
    public AvroDeserializer() {
        this(null, SerdeSettings.defaults(), false, null);
    }

    /**
     * Reads with that registry.
     *
     * @param expected schema of the class to read into; null to take it from the writer's schema
     */
    AvroDeserializer(
            @Nullable SchemaRegistry registry, SerdeSettings settings, boolean key, @Nullable Schema expected) {
        TrustedRecords.trust();
        this.registry = registry;
        this.settings = settings;
        this.key = key;
        this.expected = expected;
        data.setCustomCoders(true);
        // Avro's fast reader would not use the generated coders.
        data.setFastReaderEnabled(false);
        data.addLogicalTypeConversion(new TimeConversions.TimestampMillisConversion());
    }

    @Override
    public void configure(Map<String, ?> configuration, boolean isKey) {
        if (registry == null) {
            registry = new HttpRegistry(configuration);
            settings = SerdeSettings.parse(configuration);
            key = isKey;
        }
    }

    @Override
    public @Nullable T deserialize(String topic, byte @Nullable [] bytes) {
        return deserialize(topic, null, bytes);
    }

    @Override
    public @Nullable T deserialize(String topic, @Nullable Headers headers, byte @Nullable [] bytes) {
        if (bytes == null) {
            return null;
        }
        SchemaRegistry known = registry;
        if (known == null) {
            throw new IllegalStateException("AvroDeserializer is not configured: it needs schema.registry.url");
        }
        try {
            Writer writer = writer(known, WireFormat.schemaId(bytes, headers, key));
            BytesCheck.check(writer.schema, bytes, WireFormat.PREFIX);
            @SuppressWarnings(
                    "unchecked") // The caller chose T to fit the settings, as with any class named in a configuration.
            T value = (T) writer.reader.read(
                    null,
                    DecoderFactory.get()
                            .binaryDecoder(bytes, WireFormat.PREFIX, bytes.length - WireFormat.PREFIX, null));
            return value;
        } catch (RegistryException e) {
            throw e;
        } catch (UnreadableRecordException e) {
            throw unreadable(topic, e.getMessage(), e);
        } catch (IOException | RuntimeException e) {
            throw unreadable(topic, e.toString(), e);
        }
    }

    private UnreadableRecordException unreadable(String topic, @Nullable String why, Exception cause) {
        return new UnreadableRecordException(
                (key ? "key" : "value") + " of topic " + topic + " is not "
                        + (expected == null ? "an Avro record" : "a " + expected.getName()) + ": " + why,
                cause);
    }

    private Writer writer(SchemaRegistry known, int id) {
        Writer writer = writers.get(id);
        if (writer == null) {
            Schema schema = known.byId(id);
            writer = new Writer(schema, reader(schema));
            writers.put(id, writer);
        }
        return writer;
    }

    private DatumReader<Object> reader(Schema written) {
        if (expected != null) {
            return new SpecificDatumReader<>(written, expected, data);
        }
        if (!settings.specificReader()) {
            return new GenericDatumReader<>(written, written, GenericData.get());
        }
        Class<?> type = data.getClass(written);
        if (type == null) {
            throw new UnreadableRecordException("specific.avro.reader=true, and no class " + written.getFullName()
                    + " is on the class path, as the writer's schema names it");
        }
        return new SpecificDatumReader<>(written, data.getSchema(type), data);
    }
}
