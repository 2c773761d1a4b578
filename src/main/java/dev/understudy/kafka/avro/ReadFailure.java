package dev.understudy.kafka.avro;

import java.io.EOFException;
import java.io.IOException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RetriableException;

/** Whose fault it is that a record could not be read; also where Confluent's deserializer threw. */
public enum ReadFailure {
    /** The bytes' own: they will never be readable. A dead letter. */
    UNREADABLE,
    /** The registry's or the connection's: the record may be good. Stop and try again, never drop it. */
    SURROUNDINGS;

    /** Chains are short; the bound is for one that loops. */
    private static final int DEEPEST = 20;

    private static final String CONFLUENT_ANSWER = "RestClientException";
    /** The code with which a registry says that it has no schema of an id. */
    private static final String NO_SUCH_SCHEMA = "40403";

    /** Classifies what a deserializer threw, by it and its causes. */
    public static ReadFailure of(Throwable failure) {
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < DEEPEST; depth++) {
            if (cause instanceof UnreadableRecordException) {
                return UNREADABLE;
            }
            if (cause instanceof Error
                    || cause instanceof RegistryException
                    || cause instanceof RetriableException
                    || cause instanceof AuthenticationException
                    || cause instanceof AuthorizationException
                    || cause instanceof InterruptedException
                    || cause instanceof InterruptException
                    || (cause instanceof IOException && !(cause instanceof EOFException) && !isAnswer(cause))
                    || (isAnswer(cause) && !String.valueOf(cause.getMessage()).contains(NO_SUCH_SCHEMA))) {
                return SURROUNDINGS;
            }
            cause = cause.getCause();
        }
        return UNREADABLE;
    }

    private static boolean isAnswer(Throwable cause) {
        return cause.getClass().getSimpleName().equals(CONFLUENT_ANSWER);
    }
}
