package dev.understudy.evidence;

/**
 * The {@link #MAX} entities with the smallest hashes (unsigned) in a fixed section of a byte array, each with the last
 * time that production served it and the first that the candidate did. An entity that belongs to the smallest of all
 * belongs to the smallest of every part, so it is here from its first request on and its times are complete (bottom-k
 * sample: Cohen and Kaplan, 2007). Times are merged by maximum and minimum: order never matters.
 */
final class EntitySample {
    static final int MAX = 256;
    /** Last time served by production, of an entity that never was. */
    static final long NEVER_PRODUCTION = Long.MIN_VALUE;
    /** First time served by the candidate, of an entity that never was. */
    static final long NEVER_CANDIDATE = Long.MAX_VALUE;

    private static final int ENTRY = 24;
    private static final int LAST_PRODUCTION = 8;
    private static final int FIRST_CANDIDATE = 16;
    /** Bytes of the section: how many entries, then the entries by hash. */
    static final int SIZE = 8 + ENTRY * MAX;

    private EntitySample() {}

    static void add(byte[] bytes, int at, long hash, long lastProduction, long firstCandidate) {
        int count = count(bytes, at);
        // Nearly all entities of a busy pair end here, after one comparison.
        if (count == MAX && Long.compareUnsigned(hash, Flat.getLong(bytes, entry(at, MAX - 1))) > 0) {
            return;
        }
        int low = 0;
        int high = count;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (Long.compareUnsigned(Flat.getLong(bytes, entry(at, middle)), hash) < 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        int place = entry(at, low);
        if (low == count || Flat.getLong(bytes, place) != hash) {
            int kept = Math.min(count, MAX - 1);
            System.arraycopy(bytes, place, bytes, place + ENTRY, ENTRY * (kept - low));
            Flat.putLong(bytes, at, kept + 1);
            Flat.putLong(bytes, place, hash);
            Flat.putLong(bytes, place + LAST_PRODUCTION, lastProduction);
            Flat.putLong(bytes, place + FIRST_CANDIDATE, firstCandidate);
        } else {
            Flat.maxLong(bytes, place + LAST_PRODUCTION, lastProduction);
            Flat.minLong(bytes, place + FIRST_CANDIDATE, firstCandidate);
        }
    }

    /** Adds what another section has seen. */
    static void merge(byte[] into, byte[] from, int at) {
        int count = count(from, at);
        for (int i = 0; i < count; i++) {
            int place = entry(at, i);
            add(
                    into,
                    at,
                    Flat.getLong(from, place),
                    Flat.getLong(from, place + LAST_PRODUCTION),
                    Flat.getLong(from, place + FIRST_CANDIDATE));
        }
    }

    static int count(byte[] bytes, int at) {
        return (int) Flat.getLong(bytes, at);
    }

    /** Entities that production served after the candidate had. */
    static int returned(byte[] bytes, int at) {
        int returned = 0;
        for (int i = 0; i < count(bytes, at); i++) {
            int place = entry(at, i);
            if (Flat.getLong(bytes, place + LAST_PRODUCTION) > Flat.getLong(bytes, place + FIRST_CANDIDATE)) {
                returned++;
            }
        }
        return returned;
    }

    private static int entry(int at, int index) {
        return at + 8 + ENTRY * index;
    }
}
