package dev.understudy.kafka.avro;

/** The registry could not be reached or was not able to answer, also when asked again. It may answer later. */
public final class RegistryUnavailableException extends RegistryException {
    private static final long serialVersionUID = 1;

    public RegistryUnavailableException(String message) {
        super(message);
    }

    public RegistryUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
