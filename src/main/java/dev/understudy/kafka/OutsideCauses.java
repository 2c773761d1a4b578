package dev.understudy.kafka;

import dev.understudy.kafka.avro.ReadFailure;
import dev.understudy.kafka.avro.RegistryException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RetriableException;

/**
 * Tells what is wrong with the surroundings (a registry that does not answer, credentials that expired, a topic with too
 * few partitions) from what is wrong with a record. A record must not be dropped for the former: the stage fails and
 * reads it again.
 */
final class OutsideCauses {
    /** Chains are short; the bound is for one that loops. */
    static final int DEEPEST = 20;

    private OutsideCauses() {}

    /** Whether the exception or one of its causes is about the surroundings. */
    static boolean isOutside(Throwable thrown) {
        Throwable cause = thrown;
        for (int depth = 0; cause != null && depth < DEEPEST; depth++) {
            if (cause instanceof StageFailedException) {
                return true;
            }
            cause = cause.getCause();
        }
        return ReadFailure.of(thrown) == ReadFailure.SURROUNDINGS;
    }

    /** Whether this very exception is, whatever caused it. */
    static boolean isItself(Throwable thrown) {
        return thrown instanceof StageFailedException
                || thrown instanceof RegistryException
                || thrown instanceof RetriableException
                || thrown instanceof AuthenticationException
                || thrown instanceof AuthorizationException
                || thrown instanceof InterruptException;
    }
}
