package dev.understudy.evidence;

import java.math.BigInteger;
import java.time.Duration;
import java.util.Optional;

/**
 * What SCORE did for a pair: requests forked, who served them, and whether entities stayed with their version.
 *
 * <p>Stickiness is watched on the {@link #SAMPLE} entities with the smallest hashes. An entity that belongs to the
 * smallest of all belongs to the smallest of every part, so it is in the sample from its first request on; hence the
 * sample, and when each of its entities was served, depend on the requests alone.
 *
 * <pre>
 * header   {@link Header}
 * counts   requests, served by each {@link Arm}, not decided by the flag
 * share    buckets of entities (n_k, served by the candidate), distinct entities
 * sample   how many, then sorted: hash, last served by production, first served by the candidate (event time)
 * </pre>
 */
public final class ExposureEvidence implements Evidence {
    static final int SAMPLE = 256;

    private static final int ELIGIBLE = Header.SIZE;
    private static final int SERVED = ELIGIBLE + 8;
    private static final int FALLBACKS = SERVED + 8 * Arm.values().length;
    private static final int BUCKETS = FALLBACKS + 8;
    private static final int ENTITIES = BUCKETS + Buckets.SIZE;
    private static final int SAMPLED = ENTITIES + DistinctCount.SIZE;
    private static final int ENTRIES = SAMPLED + 4;
    private static final int ENTRY = 24;
    private static final int LAST_PRODUCTION = 8;
    private static final int FIRST_CANDIDATE = 16;
    private static final int SIZE = ENTRIES + SAMPLE * ENTRY;

    private final byte[] bytes;

    private ExposureEvidence(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Evidence of nothing. */
    public static ExposureEvidence create() {
        byte[] bytes = new byte[SIZE];
        Header.write(bytes, Header.EXPOSURE, Detail.FULL, 0, Duration.ofMillis(1));
        return new ExposureEvidence(bytes);
    }

    /**
     * Takes over the bytes of earlier evidence without copying.
     *
     * @throws IllegalArgumentException if they are not evidence of exposure of this version
     */
    public static ExposureEvidence wrap(byte[] bytes) {
        return new ExposureEvidence(Header.check(bytes, Header.EXPOSURE, SIZE, SIZE));
    }

    @Override
    public byte[] bytes() {
        return bytes;
    }

    /** Counts a forked request. */
    public void add(ExposureObservation request) {
        Flat.addLong(bytes, ELIGIBLE, 1);
        Flat.addLong(bytes, SERVED + 8 * request.served().slot, 1);
        Flat.addLong(bytes, FALLBACKS, request.byFlag() ? 0 : 1);
        int bucket = (int) request.entityHash() & (Buckets.K - 1);
        Buckets.add(bytes, BUCKETS, bucket, request.served() == Arm.CANDIDATE ? 1 : 0);
        DistinctCount.add(bytes, ENTITIES, (int) (request.entityHash() >>> 32));
        if (request.byFlag() && request.served() != Arm.OTHER) {
            boolean byCandidate = request.served() == Arm.CANDIDATE;
            sample(
                    request.entityHash(),
                    byCandidate ? Long.MIN_VALUE : request.eventTimeMillis(),
                    byCandidate ? request.eventTimeMillis() : Long.MAX_VALUE);
        }
    }

    private void sample(long hash, long lastProduction, long firstCandidate) {
        int count = Flat.getInt(bytes, SAMPLED);
        if (count == SAMPLE && Long.compareUnsigned(hash, hashAt(count - 1)) > 0) {
            return;
        }
        int low = 0;
        int high = count;
        while (low < high) {
            int middle = (low + high) >>> 1;
            int order = Long.compareUnsigned(hashAt(middle), hash);
            if (order == 0) {
                low = middle;
                break;
            }
            if (order < 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        int at = ENTRIES + ENTRY * low;
        if (low == count || hashAt(low) != hash) {
            int kept = Math.min(count, SAMPLE - 1);
            System.arraycopy(bytes, at, bytes, at + ENTRY, ENTRY * (kept - low));
            Flat.putLong(bytes, at, hash);
            Flat.putLong(bytes, at + LAST_PRODUCTION, Long.MIN_VALUE);
            Flat.putLong(bytes, at + FIRST_CANDIDATE, Long.MAX_VALUE);
            Flat.putInt(bytes, SAMPLED, kept + 1);
        }
        Flat.maxLong(bytes, at + LAST_PRODUCTION, lastProduction);
        Flat.minLong(bytes, at + FIRST_CANDIDATE, firstCandidate);
    }

    private long hashAt(int entry) {
        return Flat.getLong(bytes, ENTRIES + ENTRY * entry);
    }

    @Override
    public void merge(Evidence other) {
        byte[] from = other.bytes();
        Header.requireSame(bytes, from);
        for (int at = ELIGIBLE; at < BUCKETS; at += 8) {
            Flat.addLong(bytes, at, Flat.getLong(from, at));
        }
        Buckets.merge(bytes, from, BUCKETS);
        DistinctCount.merge(bytes, from, ENTITIES);
        int count = Flat.getInt(from, SAMPLED);
        for (int entry = 0; entry < count; entry++) {
            int at = ENTRIES + ENTRY * entry;
            sample(
                    Flat.getLong(from, at),
                    Flat.getLong(from, at + LAST_PRODUCTION),
                    Flat.getLong(from, at + FIRST_CANDIDATE));
        }
    }

    /** Requests counted: one comparison was due for each. */
    public long eligible() {
        return Flat.getLong(bytes, ELIGIBLE);
    }

    /** Of them, those that an arm served. */
    public long served(Arm arm) {
        return Flat.getLong(bytes, SERVED + 8 * arm.slot);
    }

    /** Of them, those that the flag did not decide. */
    public long fallbacks() {
        return Flat.getLong(bytes, FALLBACKS);
    }

    /**
     * Share of requests served by the candidate, in [0, 1], with the variance over entities: the flag chooses entities, not
     * requests.
     */
    public Optional<GateStatistics> servedShare() {
        return GateSections.read(
                bytes, BUCKETS, -1, BigInteger.valueOf(served(Arm.CANDIDATE)), BigInteger.ONE, ENTITIES);
    }

    public Stickiness stickiness() {
        int count = Flat.getInt(bytes, SAMPLED);
        long violations = 0;
        for (int entry = 0; entry < count; entry++) {
            int at = ENTRIES + ENTRY * entry;
            if (Flat.getLong(bytes, at + LAST_PRODUCTION) > Flat.getLong(bytes, at + FIRST_CANDIDATE)) {
                violations++;
            }
        }
        return new Stickiness(count, violations);
    }
}
