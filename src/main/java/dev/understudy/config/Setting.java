package dev.understudy.config;

/**
 * A key as it counts.
 *
 * @param value in YAML's short form; a secret is not shown
 * @param origin where it comes from: the defaults, a file or an environment variable
 */
public record Setting(String key, String value, String origin) {
    /** Whether something else than the defaults says it. */
    public boolean isSet() {
        return !origin.equals(ConfigOrigin.DEFAULTS);
    }
}
