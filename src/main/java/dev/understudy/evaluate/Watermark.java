package dev.understudy.evaluate;

import java.nio.ByteBuffer;

/** The highest event time read of one topic, kept over restarts. */
final class Watermark {
    private final InPlaceStore store;
    private final String key;
    private final byte[] bytes = new byte[Long.BYTES];
    private long millis = Long.MIN_VALUE;

    Watermark(InPlaceStore store, String key) {
        this.store = store;
        this.key = key;
        byte[] known = store.get(key);
        if (known != null) {
            millis = ByteBuffer.wrap(known).getLong();
        }
    }

    void advance(long eventTimeMillis) {
        if (eventTimeMillis > millis) {
            millis = eventTimeMillis;
            ByteBuffer.wrap(bytes).putLong(millis);
            store.put(key, bytes);
        }
    }

    boolean isSet() {
        return millis != Long.MIN_VALUE;
    }

    long millis() {
        return millis;
    }

    long orElse(long other) {
        return isSet() ? millis : other;
    }

    boolean hasPassed(long time) {
        return isSet() && time <= millis;
    }
}
