package dev.understudy.kafka.avro;

import org.apache.kafka.common.errors.SerializationException;

/** The bytes are not a record of the expected kind, whenever and by whomever they are read: a dead letter. */
public final class UnreadableRecordException extends SerializationException {
    private static final long serialVersionUID = 1;

    public UnreadableRecordException(String message) {
        super(message);
    }

    public UnreadableRecordException(String message, Throwable cause) {
        super(message, cause);
    }
}
