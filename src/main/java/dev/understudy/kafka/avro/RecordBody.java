package dev.understudy.kafka.avro;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecordBase;

/** The Avro bytes of a record, without the registry's id in front: equal for equal records of one schema. */
public final class RecordBody {
    private RecordBody() {}

    /** Of a record in memory, by its own schema. */
    public static byte[] of(SpecificRecordBase record) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
        try {
            new SpecificDatumWriter<>(record.getSchema(), record.getSpecificData()).write(record, encoder);
            encoder.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("a " + record.getSchema().getName() + " is encoded in memory", e);
        }
        return bytes.toByteArray();
    }

    /** Of a record that was read from a topic, by the schema that it was written with. */
    public static byte[] ofWire(byte[] wire) {
        return Arrays.copyOfRange(wire, WireFormat.PREFIX, wire.length);
    }
}
