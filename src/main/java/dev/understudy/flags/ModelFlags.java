package dev.understudy.flags;

import java.util.Map;

/**
 * Chooses the version that serves an entity and the candidates that shadow it. Safe to use from several threads.
 *
 * <p>Kill switch, the same for every source: while the serving flag is off, the configured default version serves
 * everybody with reason KILLED, whatever the flag says to answer when off, and nothing is shadowed. A candidates flag that
 * is off names no candidates; a flag of one version that is off stops the shadow of that version.
 *
 * <p>Reasons, the same for every source: TARGET for an entity named individually; RULE for a matching rule on attributes,
 * also where the rule itself divides by percentage; ROLLOUT where nothing else matched and a percentage decided; DEFAULT
 * where nothing else matched and the flag gives everybody the same.
 */
public interface ModelFlags extends AutoCloseable {
    /**
     * Decides for one request. Never throws: an answer that cannot be used becomes the default version with reason
     * FALLBACK, and is counted.
     *
     * @param entityId the sticky unit: the same entity gets the same answer from every process
     * @param attributes for targeting; they do not leave the process
     */
    Routing route(String entityId, Map<String, String> attributes);

    /** Asked once for every polled batch: it must be cheap. */
    FlagHealth health();

    /** Runs after each change of the flags that may change an answer. */
    void onChange(Runnable listener);

    @Override
    void close();
}
