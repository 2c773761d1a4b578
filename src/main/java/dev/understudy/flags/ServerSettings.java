package dev.understudy.flags;

import java.net.URI;
import java.time.Duration;

/** What the settings of all flag systems on servers must be. Messages show no secret. */
public final class ServerSettings {
    private ServerSettings() {}

    /**
     * Requires an address of HTTP without a user, password or query.
     *
     * @param key of the configuration
     * @param example of what would be right
     * @throws IllegalArgumentException if it is another; it is shown only where it can hold no secret
     */
    public static void requireAddress(String key, URI address, String example) {
        if (address.getRawUserInfo() != null || address.getRawQuery() != null) {
            throw new IllegalArgumentException(
                    key + " must hold no user, password or query, e.g. " + example + " (it is not shown here)");
        }
        if (!("http".equals(address.getScheme()) || "https".equals(address.getScheme())) || address.getHost() == null) {
            throw new IllegalArgumentException(key + " must be like " + example + ", was " + address);
        }
    }

    /** Requires a duration above zero. */
    public static void requirePositive(String key, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(key + " must be positive, was " + value);
        }
    }

    /** Whether the text can be a header of HTTP: libraries quote one that cannot, and it may be the secret. */
    public static boolean isHeader(String text) {
        return !text.isEmpty() && text.chars().allMatch(c -> c > ' ' && c < 127);
    }
}
