package dev.understudy.evaluate;

import dev.understudy.avro.ReadinessSummary;
import dev.understudy.kafka.avro.RecordBody;

/**
 * A summary as it stands in its topic.
 *
 * @param body its Avro bytes, without the registry's id in front; not to be changed
 */
public record PublishedSummary(ReadinessSummary summary, byte[] body) {
    static PublishedSummary of(ReadinessSummary summary, byte[] wire) {
        return new PublishedSummary(summary, RecordBody.ofWire(wire));
    }
}
