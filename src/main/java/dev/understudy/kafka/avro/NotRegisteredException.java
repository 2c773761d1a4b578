package dev.understudy.kafka.avro;

/** The registry answered, and does not have what was asked for. */
public final class NotRegisteredException extends RegistryRefusedException {
    private static final long serialVersionUID = 1;

    public NotRegisteredException(String message) {
        super(message);
    }
}
