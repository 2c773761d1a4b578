package dev.understudy.kafka.avro;

import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/** Confluent's wire format: the byte 0, the schema's id in 4 bytes big-endian, the record. */
final class WireFormat {
    static final int PREFIX = 5;

    private static final String VALUE_HEADER = "__value_schema_id";
    private static final String KEY_HEADER = "__key_schema_id";

    private WireFormat() {}

    /** Reads the id of the writer's schema and refuses bytes that are framed in another way. */
    static int schemaId(byte[] data, @Nullable Headers headers, boolean key) {
        String header = key ? KEY_HEADER : VALUE_HEADER;
        if (headers != null && headers.lastHeader(header) != null) {
            throw new UnreadableRecordException("its schema id is in the header " + header
                    + ", expected it in the first 5 bytes: set the producer's "
                    + (key ? "key" : "value")
                    + ".schema.id.serializer to the one that writes a prefix");
        }
        if (data.length < PREFIX) {
            throw new UnreadableRecordException("it has " + data.length
                    + " bytes, expected at least the 5 of Confluent's wire format (0 and a schema id)");
        }
        if (data[0] != 0) {
            throw new UnreadableRecordException("its first byte is " + (data[0] & 0xff)
                    + ", expected 0 as in Confluent's wire format: it was not written by an Avro serializer with a"
                    + " registry");
        }
        return (data[1] & 0xff) << 24 | (data[2] & 0xff) << 16 | (data[3] & 0xff) << 8 | (data[4] & 0xff);
    }

    static void writePrefix(AvroBuffer out, int schemaId) {
        out.writeByte(0);
        out.writeFixedInt(schemaId);
    }
}
