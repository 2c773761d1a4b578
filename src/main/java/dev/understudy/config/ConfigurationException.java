package dev.understudy.config;

import org.jspecify.annotations.Nullable;

/** The configuration cannot be used. The message names the file, the key, the value and what would be right. */
public final class ConfigurationException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public ConfigurationException(String message) {
        super(message);
    }

    public ConfigurationException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
