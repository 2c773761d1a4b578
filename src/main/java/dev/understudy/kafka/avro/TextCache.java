package dev.understudy.kafka.avro;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Remembers what short texts stand for that come again and again in records, such as names of models, versions and
 * classes: their bytes are compared with those seen before and the value is used again.
 *
 * <p>Threads share it without a lock: an entry is immutable, and losing a race costs one value.
 */
final class TextCache<T> {
    /** A power of two; many times the texts of a few pairs. */
    private static final int PLACES = 1024;

    private static final int LONGEST = 64;

    /** What a text stands for; must be immutable. */
    @FunctionalInterface
    interface Meaning<T> {
        /**
         * What the text of the field stands for.
         *
         * @throws UnreadableRecordException if it stands for nothing; it is not remembered then
         */
        T of(String text, String field);
    }

    private record Text(byte[] utf8, Object value) {}

    private final Meaning<T> meaning;
    private final @Nullable Text[] texts = new @Nullable Text[PLACES];

    TextCache(Meaning<T> meaning) {
        this.meaning = meaning;
    }

    /** The texts themselves. */
    static TextCache<String> ofTexts() {
        return new TextCache<>((text, field) -> text);
    }

    T read(AvroCursor in, String field) {
        int length = in.readLength(field);
        int start = in.skip(length, field);
        byte[] bytes = in.bytes();
        if (length > LONGEST) {
            return meaning.of(new String(bytes, start, length, StandardCharsets.UTF_8), field);
        }
        int place = place(bytes, start, length);
        Text known = texts[place];
        if (known != null && Arrays.equals(known.utf8, 0, known.utf8.length, bytes, start, start + length)) {
            @SuppressWarnings("unchecked") // only values of this cache are put there
            T value = (T) known.value;
            return value;
        }
        byte[] utf8 = Arrays.copyOfRange(bytes, start, start + length);
        T value = meaning.of(new String(utf8, StandardCharsets.UTF_8), field);
        texts[place] = new Text(utf8, value);
        return value;
    }

    @Nullable
    T readOptional(AvroCursor in, String field) {
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
