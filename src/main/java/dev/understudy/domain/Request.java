package dev.understudy.domain;

import java.util.Map;

/**
 * A prediction request as the pipeline handles it.
 *
 * @param createdAtMillis milliseconds since the epoch; a plain long because it is read once per record on the hot path
 */
public record Request(
        String requestId, String entityId, Map<String, String> attributes, long createdAtMillis, Features features) {}
