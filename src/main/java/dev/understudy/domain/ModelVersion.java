package dev.understudy.domain;

import java.util.Optional;
import java.util.regex.Pattern;

/** Name of a version of a model; safe to use as a folder name, whatever a flag said. */
public record ModelVersion(String name) {
    private static final Pattern ALLOWED = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

    /** @throws IllegalArgumentException if the name is not a plain folder name of at most 64 characters */
    public ModelVersion {
        if (!isValid(name)) {
            throw new IllegalArgumentException("model version must be 1 to 64 letters, digits, '.', '_' or '-',"
                    + " and start with a letter or digit, was '" + name + "'");
        }
    }

    /** The version of that name, or empty where the name could not be one. */
    public static Optional<ModelVersion> parse(String name) {
        return isValid(name) ? Optional.of(new ModelVersion(name)) : Optional.empty();
    }

    private static boolean isValid(String name) {
        return ALLOWED.matcher(name).matches() && !name.contains("..");
    }

    @Override
    public String toString() {
        return name;
    }
}
