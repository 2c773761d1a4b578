package dev.understudy.evaluate;

import dev.understudy.domain.ModelPair;
import dev.understudy.domain.ModelVersion;

/**
 * What a piece of evidence is about: a pair in an epoch and a segment, since the epoch began or in one window.
 *
 * @param windowStart milliseconds since 1970, or {@link #CUMULATIVE}; a plain long because a slot is made per record
 */
record EvidenceSlot(ModelPair pair, long epoch, EvidenceKind kind, String segment, long windowStart) {
    static final long CUMULATIVE = Long.MIN_VALUE;

    static EvidenceSlot cumulative(ModelPair pair, long epoch, EvidenceKind kind, String segment) {
        return new EvidenceSlot(pair, epoch, kind, segment, CUMULATIVE);
    }

    static EvidenceSlot window(ModelPair pair, long epoch, EvidenceKind kind, long windowStart) {
        return new EvidenceSlot(pair, epoch, kind, Segments.ALL, windowStart);
    }

    boolean isCumulative() {
        return windowStart == CUMULATIVE;
    }

    /** Key in a store. The pair comes last: it is the only part whose text is not ours. */
    String storeKey() {
        return epoch + "\n" + (isCumulative() ? "-" : Long.toString(windowStart)) + "\n" + kind.code() + "\n" + segment
                + "\n" + pair.key();
    }

    static EvidenceSlot ofStoreKey(String key) {
        String[] parts = key.split("\n", 5);
        if (parts.length != 5) {
            throw new IllegalStateException("a key of evidence has five lines, was '" + key + "'");
        }
        return new EvidenceSlot(
                pairOfKey(parts[4]),
                Long.parseLong(parts[0]),
                EvidenceKind.of(parts[2]),
                parts[3],
                parts[1].equals("-") ? CUMULATIVE : Long.parseLong(parts[1]));
    }

    /**
     * Reads {@link ModelPair#key()} back: versions hold no slash.
     *
     * @throws IllegalStateException if it is none, or names versions by what no longer is a name of one
     */
    static ModelPair pairOfKey(String key) {
        int last = key.lastIndexOf('/');
        int middle = key.lastIndexOf('/', last - 1);
        if (middle < 0) {
            throw new IllegalStateException("a key of a pair is model/production/candidate, was '" + key + "'");
        }
        return new ModelPair(
                key.substring(0, middle),
                version(key.substring(middle + 1, last), key),
                version(key.substring(last + 1), key));
    }

    private static ModelVersion version(String name, String key) {
        return ModelVersion.parse(name)
                .orElseThrow(() -> new IllegalStateException("the versions of the pair " + key + " must be "
                        + ModelVersion.RULE + ", one was '" + name
                        + "'" + AnotherRelease.BEGIN_ANEW));
    }
}
