package dev.understudy.kafka.avro;

import org.apache.kafka.common.errors.SerializationException;

/**
 * The registry did not give what was asked of it. It says nothing about the record at hand: who meets it must fail or
 * try again, never drop the record.
 */
public abstract sealed class RegistryException extends SerializationException
        permits RegistryUnavailableException, RegistryRefusedException {
    private static final long serialVersionUID = 1;

    RegistryException(String message) {
        super(message);
    }

    RegistryException(String message, Throwable cause) {
        super(message, cause);
    }
}
