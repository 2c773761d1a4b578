package dev.understudy.domain;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Name of a version of a model: the name of one folder within the model's, on every system, whatever a flag said. Names
 * that differ in case alone are different versions, though Windows and macOS have one folder for both.
 */
public record ModelVersion(String name) {
    /** What a name must be, for messages. */
    public static final String RULE =
            "1 to 64 letters, digits, '.', '_' or '-' that begin with a letter or digit, do not"
                    + " end with '.', have no '..' and are no device of Windows such as CON";

    private static final Pattern ALLOWED = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
    /** What Windows takes for a device in any directory, with whatever extension. */
    private static final Pattern DEVICE =
            Pattern.compile("(CON|PRN|AUX|NUL|COM[0-9]|LPT[0-9])(\\..*)?", Pattern.CASE_INSENSITIVE);

    /** @throws IllegalArgumentException if the name is not {@link #RULE} */
    public ModelVersion {
        if (!isValid(name)) {
            throw new IllegalArgumentException("model version must be " + RULE + ", was '" + name + "'");
        }
    }

    /** The version of that name, or empty where the name could not be one. */
    public static Optional<ModelVersion> parse(String name) {
        return isValid(name) ? Optional.of(new ModelVersion(name)) : Optional.empty();
    }

    private static boolean isValid(String name) {
        // Windows drops a dot at the end: 'v1.' would be the folder of 'v1'.
        return ALLOWED.matcher(name).matches()
                && !name.contains("..")
                && !name.endsWith(".")
                && !DEVICE.matcher(name).matches();
    }

    @Override
    public String toString() {
        return name;
    }
}
