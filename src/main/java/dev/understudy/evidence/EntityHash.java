package dev.understudy.evidence;

import dev.understudy.domain.Origin;

/**
 * The 64-bit hash by which evidence knows an entity: it stores no ids. Bits 0 to 5 choose the entity's bucket, the upper
 * 32 bits are its fingerprint among distinct entities. The function is part of the state's format, so it never changes
 * with the Java version.
 */
public final class EntityHash {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private EntityHash() {}

    /** Hash of an entity id. */
    public static long of(String entityId) {
        long hash = entityId.length() * GOLDEN;
        for (int i = 0; i < entityId.length(); i++) {
            hash = (hash ^ entityId.charAt(i)) * GOLDEN;
            hash ^= hash >>> 32;
        }
        return mix(hash);
    }

    /** For a request without an entity id: each request is then an entity of its own. */
    public static long of(Origin origin) {
        return mix(mix(origin.partition() + GOLDEN) ^ origin.offset());
    }

    /** Finaliser of SplitMix64 (Steele, Lea, Flood 2014, variant 13 of Stafford): every input bit moves every output bit. */
    static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
