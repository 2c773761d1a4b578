package dev.understudy.kafka.avro;

import org.apache.avro.Schema;

/** How a hot record is read by hand, in the layout of its current schema. Safe to use from several threads. */
interface RecordReader<T> {
    Schema schema();

    /**
     * Reads one record.
     *
     * @throws UnreadableRecordException if the bytes are not such a record
     */
    T read(AvroCursor in);
}
