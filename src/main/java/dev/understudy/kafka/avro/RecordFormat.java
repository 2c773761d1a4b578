package dev.understudy.kafka.avro;

/** How a hot record is read and written by hand. */
interface RecordFormat<T> extends RecordReader<T> {
    void write(AvroBuffer out, T value);
}
