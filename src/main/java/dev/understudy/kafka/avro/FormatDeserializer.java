package dev.understudy.kafka.avro;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/**
 * Reads a hot record from Confluent's wire format. A record that was written with another schema is resolved by Avro
 * and encoded again in the current layout, so that all records take one path. Safe to use from several threads.
 */
final class FormatDeserializer<T> implements Deserializer<T> {
    private final RecordFormat<T> format;
    private final SchemaRegistry registry;
    private final Map<Integer, Writer> writers = new ConcurrentHashMap<>();

    /** A writer's schema; with a reader where its layout is not the current one. */
    private record Writer(Schema schema, @Nullable GenericDatumReader<GenericRecord> resolving) {}

    FormatDeserializer(RecordFormat<T> format, SchemaRegistry registry) {
        this.format = format;
        this.registry = registry;
    }

    @Override
    public @Nullable T deserialize(String topic, byte @Nullable [] data) {
        return deserialize(topic, null, data);
    }

    @Override
    public @Nullable T deserialize(String topic, @Nullable Headers headers, byte @Nullable [] data) {
        if (data == null) {
            return null;
        }
        try {
            Writer writer = writer(WireFormat.schemaId(data, headers, false));
            AvroCursor in;
            if (writer.resolving == null) {
                in = new AvroCursor(data, WireFormat.PREFIX, data.length);
            } else {
                byte[] current = inCurrentLayout(data, writer.schema, writer.resolving);
                in = new AvroCursor(current, 0, current.length);
            }
            T value = format.read(in);
            in.end();
            return value;
        } catch (UnreadableRecordException e) {
            throw new UnreadableRecordException(
                    "value of topic " + topic + " is not a " + format.schema().getName() + ": " + e.getMessage(), e);
        }
    }

    private Writer writer(int id) {
        Writer writer = writers.get(id);
        if (writer == null) {
            Schema schema = registry.byId(id);
            writer = PlainSchema.sameLayout(schema, format.schema())
                    ? new Writer(schema, null)
                    : new Writer(schema, new GenericDatumReader<>(schema, PlainSchema.of(format.schema())));
            writers.put(id, writer);
        }
        return writer;
    }

    private byte[] inCurrentLayout(byte[] data, Schema written, GenericDatumReader<GenericRecord> reader) {
        BytesCheck.check(written, data, WireFormat.PREFIX);
        try {
            BinaryDecoder in =
                    DecoderFactory.get().binaryDecoder(data, WireFormat.PREFIX, data.length - WireFormat.PREFIX, null);
            GenericRecord record = reader.read(null, in);
            ByteArrayOutputStream bytes = new ByteArrayOutputStream(data.length);
            BinaryEncoder out = EncoderFactory.get().binaryEncoder(bytes, null);
            new GenericDatumWriter<GenericRecord>(reader.getExpected()).write(record, out);
            out.flush();
            return bytes.toByteArray();
        } catch (IOException | RuntimeException e) {
            throw new UnreadableRecordException(
                    "it was written as " + written.getFullName() + ", which does not resolve to the current schema: "
                            + e,
                    e);
        }
    }
}
