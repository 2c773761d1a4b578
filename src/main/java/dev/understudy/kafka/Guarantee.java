package dev.understudy.kafka;

import org.apache.kafka.streams.StreamsConfig;

/** What a reader of a stage's topics sees after a crash. */
public enum Guarantee {
    /** Some records again, with the same origin; readers see records at once. */
    AT_LEAST_ONCE(StreamsConfig.AT_LEAST_ONCE),
    /** Every record once, but only after the commit interval. */
    EXACTLY_ONCE_V2(StreamsConfig.EXACTLY_ONCE_V2);

    private final String streamsName;

    Guarantee(String streamsName) {
        this.streamsName = streamsName;
    }

    String streamsName() {
        return streamsName;
    }
}
