package dev.understudy.flags;

import java.util.Map;

/** Chooses the version that serves an entity and the candidates that shadow it. Safe to use from several threads. */
public interface ModelFlags extends AutoCloseable {
    /**
     * Decides for one request. Never throws: an answer that cannot be used becomes the default version with reason
     * FALLBACK, and is counted.
     *
     * @param entityId the sticky unit: the same entity gets the same answer from every process
     * @param attributes for targeting; they do not leave the process
     */
    Routing route(String entityId, Map<String, String> attributes);

    FlagHealth health();

    /** Runs after each change of the flags that may change an answer. */
    void onChange(Runnable listener);

    @Override
    void close();
}
