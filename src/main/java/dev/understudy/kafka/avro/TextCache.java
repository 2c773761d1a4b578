package dev.understudy.kafka.avro;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Remembers short texts that come again and again in records, such as names of models, versions and classes: their bytes
 * are compared with those seen before and the String is used again.
 *
 * <p>Threads share it without a lock: an entry is immutable, and losing a race costs one String.
 */
final class TextCache {
    /** A power of two; many times the texts of a few pairs. */
    private static final int PLACES = 1024;

    private static final int LONGEST = 64;

    private record Text(byte[] utf8, String value) {}

    private final @Nullable Text[] texts = new @Nullable Text[PLACES];

    String read(AvroCursor in, String field) {
        int length = in.readLength(field);
        int start = in.skip(length, field);
        byte[] bytes = in.bytes();
        if (length > LONGEST) {
            return new String(bytes, start, length, StandardCharsets.UTF_8);
        }
        int place = place(bytes, start, length);
        Text known = texts[place];
        if (known != null && Arrays.equals(known.utf8, 0, known.utf8.length, bytes, start, start + length)) {
            return known.value;
        }
        byte[] utf8 = Arrays.copyOfRange(bytes, start, start + length);
        Text text = new Text(utf8, new String(utf8, StandardCharsets.UTF_8));
        texts[place] = text;
        return text.value;
    }

    @Nullable
    String readOptional(AvroCursor in, String field) {
        return in.readBranch(2, field) == 0 ? null : read(in, field);
    }

    private static int place(byte[] bytes, int start, int length) {
        int hash = length;
        for (int i = start; i < start + length; i++) {
            hash = 31 * hash + bytes[i];
        }
        return (hash ^ hash >>> 10) & PLACES - 1;
    }
}
