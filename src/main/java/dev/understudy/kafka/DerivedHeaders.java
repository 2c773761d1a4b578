package dev.understudy.kafka;

import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * Which headers of a request its derived records carry. A prediction answers its request, so it keeps what upstream put
 * there to follow it (tracing and correlation ids). Shadow requests and comparisons carry none: they are for the
 * pipeline, and would store every header twice more.
 */
public final class DerivedHeaders {
    /** Names with this beginning describe the bytes of the record that carries them, e.g. the id of its schema. */
    private static final String ABOUT_THE_BYTES = "__";

    private DerivedHeaders() {}

    /** The headers of the answer to a request with these headers. */
    public static Headers ofAnswer(Headers request) {
        Headers kept = new RecordHeaders();
        for (Header header : request) {
            if (!header.key().startsWith(ABOUT_THE_BYTES)) {
                kept.add(header);
            }
        }
        return kept;
    }
}
