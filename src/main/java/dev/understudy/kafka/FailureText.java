package dev.understudy.kafka;

import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.streams.errors.MissingSourceTopicException;

/** Says in plain words what a chain of exceptions was about. */
final class FailureText {
    private FailureText() {}

    static String of(Throwable thrown) {
        Throwable telling = telling(thrown);
        String message = telling.getMessage();
        String text = message == null || message.isBlank() ? telling.getClass().getName() : message;
        if (telling instanceof MissingSourceTopicException) {
            return "a topic that it reads is gone; create it with `understudy topics create` (" + text + ")";
        }
        if (telling instanceof AuthenticationException) {
            return "credentials were refused; check kafka.properties and registry (" + text + ")";
        }
        if (telling instanceof AuthorizationException) {
            return "access was denied; `understudy acls` lists what the user of kafka.properties needs (" + text + ")";
        }
        return text;
    }

    /** The first cause that is not the record's fault, else the root: what Kafka Streams wraps around says less. */
    private static Throwable telling(Throwable thrown) {
        Throwable last = thrown;
        for (int depth = 0; depth < OutsideCauses.DEEPEST; depth++) {
            if (OutsideCauses.isItself(last)) {
                return last;
            }
            Throwable cause = last.getCause();
            if (cause == null) {
                break;
            }
            last = cause;
        }
        return last;
    }
}
