package dev.understudy.app;

import java.util.Locale;

/** The pipeline stages. */
public enum StageName {
    SCORE,
    SHADOW,
    EVALUATE;

    /** As the configuration and Kafka know it, such as {@code score}. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}
