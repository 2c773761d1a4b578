package dev.understudy.kafka;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Deserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Works the records of a stage's source one polled batch at a time, without holding any record back.
 *
 * <p>Kafka Streams gives no hook before a commit, so a processor that buffers records loses them. Instead the batch is
 * worked while it is polled, by {@link AheadInterceptor}, and each result travels with its record to the source's
 * {@link #deserializer}. Where that did not happen, {@link #result} works the record alone: the same answer, only
 * slower. At a low rate a batch is one record and costs no delay; under load it grows by itself.
 *
 * @param <T> a decoded record
 * @param <R> its result
 */
public final class ScoringAhead<T, R> {
    private static final Logger LOG = LoggerFactory.getLogger(ScoringAhead.class);

    private final String topic;
    private final Deserializer<T> decoder;
    private final BatchWork<T, R> work;
    private final LongSupplier nanoTime;
    private final LongAdder batches = new LongAdder();
    private final LongAdder rows = new LongAdder();
    private final LongAdder failedBatches = new LongAdder();
    private final LongAdder undecoded = new LongAdder();
    private final LongAdder single = new LongAdder();

    /**
     * @param topic the source's topic; records of others are left alone
     * @param decoder used by all stream threads at once
     * @param nanoTime usually {@link System#nanoTime}
     */
    public ScoringAhead(String topic, Deserializer<T> decoder, BatchWork<T, R> work, LongSupplier nanoTime) {
        this.topic = topic;
        this.decoder = decoder;
        this.work = work;
        this.nanoTime = nanoTime;
    }

    /** For the source of the topology: hands on what was worked at the poll, else decodes. */
    public Deserializer<Polled<T, R>> deserializer() {
        return new PolledDeserializer();
    }

    /** The result that came with the record, or that of working it alone. */
    public R result(Polled<T, R> polled) {
        R ahead = polled.ahead();
        if (ahead != null) {
            return ahead;
        }
        single.increment();
        return work.apply(List.of(polled.value()), polled.polledNanos()).get(0);
    }

    public AheadCounts counts() {
        return new AheadCounts(batches.sum(), rows.sum(), failedBatches.sum(), undecoded.sum(), single.sum());
    }

    /**
     * Works the polled records of the topic and attaches each result to its record. Never throws, because a consumer
     * only logs what its interceptors throw: what fails here is counted and happens again, record by record, where the
     * stage's handlers see it.
     */
    void onPoll(ConsumerRecords<byte[], byte[]> polled) {
        long polledNanos = nanoTime.getAsLong();
        List<ConsumerRecord<byte[], byte[]>> decodedRecords = new ArrayList<>(polled.count());
        List<T> decoded = new ArrayList<>(polled.count());
        for (ConsumerRecord<byte[], byte[]> record : polled.records(topic)) {
            try {
                decoded.add(decode(record.headers(), record.value()));
                decodedRecords.add(record);
            } catch (RuntimeException e) {
                undecoded.increment();
                if (OutsideCauses.isOutside(e)) {
                    // The stage is about to fail over this record; trying the rest would only wait for the same.
                    break;
                }
            }
        }
        if (decoded.isEmpty()) {
            return;
        }
        try {
            attach(decodedRecords, decoded, work.apply(decoded, polledNanos), polledNanos);
            batches.increment();
            rows.add(decoded.size());
        } catch (RuntimeException e) {
            failedBatches.increment();
            LOG.warn("topic={} rows={} batch failed, its records are worked alone", topic, decoded.size(), e);
        }
    }

    private void attach(
            List<ConsumerRecord<byte[], byte[]>> records, List<T> decoded, List<R> results, long polledNanos) {
        if (results.size() != decoded.size()) {
            throw new IllegalStateException(
                    "a batch of " + decoded.size() + " rows of " + topic + " gave " + results.size() + " results");
        }
        for (int i = 0; i < results.size(); i++) {
            records.get(i)
                    .headers()
                    .add(new AheadHeader(this, new Polled<>(decoded.get(i), results.get(i), polledNanos)));
        }
    }

    private T decode(Headers headers, byte[] bytes) {
        if (bytes == null) {
            throw new SerializationException("a record of " + topic + " must have a value, but this one has none");
        }
        T value = decoder.deserialize(topic, headers, bytes);
        if (value == null) {
            throw new SerializationException("the decoder of " + topic + " made nothing of " + bytes.length + " bytes");
        }
        return value;
    }

    private final class PolledDeserializer implements Deserializer<Polled<T, R>> {
        @Override
        public Polled<T, R> deserialize(String source, byte[] bytes) {
            throw new UnsupportedOperationException("a record of " + source + " is decoded with its headers only");
        }

        @Override
        public Polled<T, R> deserialize(String source, Headers headers, byte[] bytes) {
            Header header = headers.lastHeader(AheadHeader.KEY);
            headers.remove(AheadHeader.KEY);
            if (header instanceof AheadHeader ahead && ahead.owner == ScoringAhead.this) {
                // Of this owner's making, so of its types.
                @SuppressWarnings("unchecked")
                Polled<T, R> polled = (Polled<T, R>) ahead.polled;
                return polled;
            }
            return new Polled<>(decode(headers, bytes), null, nanoTime.getAsLong());
        }
    }
}
