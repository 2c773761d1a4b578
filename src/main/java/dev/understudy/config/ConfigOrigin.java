package dev.understudy.config;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Where the values of a configuration come from, so that the right place is blamed for a wrong one. */
final class ConfigOrigin {
    static final String DEFAULTS = "the defaults";

    private final String source;
    private final Set<String> given = new HashSet<>();
    private final Map<String, String> variableByKey = new LinkedHashMap<>();

    /** @param source of all that no variable of the environment overrides */
    ConfigOrigin(String source) {
        this.source = source;
    }

    /** The source has the key. */
    void give(String key) {
        given.add(key);
    }

    /** Where the value of a key comes from. */
    String of(String key) {
        String variable = variableByKey.get(key);
        return variable != null ? variable : given.contains(key) ? source : DEFAULTS;
    }

    /** From here on the key's value is the variable's. */
    void override(String key, String variable) {
        variableByKey.put(key, variable);
    }

    ConfigurationException refusal(String problem) {
        return refusal(problem, null);
    }

    /** @param problem begins with the key whose value is wrong, if there is one */
    ConfigurationException refusal(String problem, @Nullable Throwable cause) {
        int end = problem.indexOf(' ');
        String key = end < 0 ? problem : problem.substring(0, end);
        StringBuilder message = new StringBuilder(source).append(": ").append(problem);
        for (Map.Entry<String, String> override : variableByKey.entrySet()) {
            if (isWithin(key, override.getKey())) {
                return new ConfigurationException(
                        "environment variable " + override.getValue() + ": " + problem, cause);
            }
            // A value may be wrong only beside another one, and that may be the environment's.
            if (names(problem, override.getKey())) {
                message.append(" (environment variable ")
                        .append(override.getValue())
                        .append(" sets ")
                        .append(override.getKey())
                        .append(')');
            }
        }
        return new ConfigurationException(message.toString(), cause);
    }

    /** Names the key itself, not one that it is the beginning of. */
    private static boolean names(String problem, String key) {
        for (int at = problem.indexOf(key); at >= 0; at = problem.indexOf(key, at + 1)) {
            int end = at + key.length();
            if (end == problem.length() || "abcdefghijklmnopqrstuvwxyz0123456789-.".indexOf(problem.charAt(end)) < 0) {
                return true;
            }
        }
        return false;
    }

    private static boolean isWithin(String key, String overridden) {
        return key.equals(overridden) || key.startsWith(overridden + ".") || key.startsWith(overridden + "[");
    }
}
