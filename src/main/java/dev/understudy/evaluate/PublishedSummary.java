package dev.understudy.evaluate;

import dev.understudy.avro.ReadinessSummary;
import java.util.Arrays;

/**
 * A summary as it stands in its topic.
 *
 * @param body its Avro bytes, without the registry's id in front; not to be changed
 */
public record PublishedSummary(ReadinessSummary summary, byte[] body) {
    /** Magic byte and id of the schema. */
    private static final int WIRE_HEADER = 5;

    static PublishedSummary of(ReadinessSummary summary, byte[] wire) {
        return new PublishedSummary(summary, Arrays.copyOfRange(wire, WIRE_HEADER, wire.length));
    }
}
