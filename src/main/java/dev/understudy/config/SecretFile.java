package dev.understudy.config;

import dev.understudy.domain.FileProblem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Secrets stand in files of their own, never in the configuration. */
public final class SecretFile {
    private SecretFile() {}

    /**
     * The secret in the file, without surrounding white space.
     *
     * @param key the configuration key that names the file, for messages
     * @throws ConfigurationException if the file cannot be read or is empty
     */
    public static String read(String key, Path file) {
        String secret;
        try {
            secret = Files.readString(file).strip();
        } catch (IOException e) {
            throw new ConfigurationException(key + ": " + file + " cannot be read: " + FileProblem.of(file, e), e);
        }
        if (secret.isEmpty()) {
            throw new ConfigurationException(key + ": " + file + " is empty; the secret is expected in it");
        }
        return secret;
    }
}
