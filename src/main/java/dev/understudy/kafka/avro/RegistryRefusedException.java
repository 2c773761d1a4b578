package dev.understudy.kafka.avro;

/** The registry said no, and will until somebody changes something: credentials, a subject, a schema, the URL. */
public sealed class RegistryRefusedException extends RegistryException permits NotRegisteredException {
    private static final long serialVersionUID = 1;

    public RegistryRefusedException(String message) {
        super(message);
    }

    public RegistryRefusedException(String message, Throwable cause) {
        super(message, cause);
    }
}
