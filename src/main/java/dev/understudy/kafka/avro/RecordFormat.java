package dev.understudy.kafka.avro;

import org.apache.avro.Schema;

/** How a hot record is read and written by hand, in the layout of its current schema. Safe to use from several threads. */
interface RecordFormat<T> {
    Schema schema();

    /**
     * Reads one record.
     *
     * @throws UnreadableRecordException if the bytes are not such a record
     */
    T read(AvroCursor in);

    /**
     * Writes one record.
     *
     * @throws RuntimeException if it does not fit its schema
     */
    void write(AvroBuffer out, T value);
}
