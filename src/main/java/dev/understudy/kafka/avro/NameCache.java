package dev.understudy.kafka.avro;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Remembers the name at each place of a map. Requests of one model have the same names in the same order, so the bytes
 * of the i-th name are compared with those seen there before and its String is used again.
 *
 * <p>Threads share it without a lock: an entry is immutable, and losing a race costs one String.
 */
final class NameCache {
    /** Wider maps are read as well, their further names without this. */
    private static final int PLACES = 1024;

    private static final int LONGEST = 256;

    private record Name(byte[] utf8, String text) {}

    private final @Nullable Name[] names = new @Nullable Name[PLACES];

    /** Reads the name that stands at that place of the map. */
    String read(AvroCursor in, int place, String field) {
        int length = in.readLength(field);
        int start = in.skip(length, field);
        byte[] bytes = in.bytes();
        if (place >= PLACES || length > LONGEST) {
            return new String(bytes, start, length, StandardCharsets.UTF_8);
        }
        Name known = names[place];
        if (known != null && Arrays.equals(known.utf8, 0, known.utf8.length, bytes, start, start + length)) {
            return known.text;
        }
        byte[] utf8 = Arrays.copyOfRange(bytes, start, start + length);
        Name name = new Name(utf8, new String(utf8, StandardCharsets.UTF_8));
        names[place] = name;
        return name.text;
    }
}
