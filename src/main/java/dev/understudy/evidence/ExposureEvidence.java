package dev.understudy.evidence;

import java.util.Optional;

/**
 * What SCORE did for a pair: requests forked, who served them, and whether entities stayed with their version. The same
 * requests give the same bytes, whatever their order and the parts in which they were counted.
 *
 * <pre>
 * header    {@link Header}
 * counts    requests, served per {@link Arm}, fallbacks
 * share     a {@link GateSection} of 1{served by the candidate}; distinct entities
 * sample    {@link EntitySample} of who served when
 * </pre>
 *
 * Not safe for concurrent use.
 */
public final class ExposureEvidence implements Evidence {
    private static final int ELIGIBLE = Header.SIZE;
    private static final int SERVED = ELIGIBLE + 8;
    private static final int FALLBACKS = SERVED + 8 * Arm.values().length;
    private static final GateSection SHARE = new GateSection(FALLBACKS + 8, 0, false);
    private static final int ENTITIES = SHARE.end();
    private static final int SAMPLE = ENTITIES + DistinctCount.SIZE;
    private static final int SIZE = SAMPLE + EntitySample.SIZE;

    private final byte[] bytes;

    private ExposureEvidence(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Evidence of nothing. */
    public static ExposureEvidence create() {
        return new ExposureEvidence(Header.create(SIZE, Header.EXPOSURE, Detail.FULL, 0, 0));
    }

    /**
     * Takes over the bytes of earlier evidence without copying: {@link #add} changes them.
     *
     * @throws IllegalArgumentException if they are not evidence of exposure of this version
     */
    public static ExposureEvidence wrap(byte[] bytes) {
        return new ExposureEvidence(Header.require(bytes, Header.EXPOSURE, SIZE, SIZE));
    }

    @Override
    public byte[] bytes() {
        return bytes;
    }

    /** Counts a forked request. */
    public void add(ExposureObservation request) {
        long hash = request.entityHash();
        Flat.addLong(bytes, ELIGIBLE, 1);
        Flat.addLong(bytes, servedAt(request.served()), 1);
        Flat.addLong(bytes, FALLBACKS, request.byFlag() ? 0 : 1);
        SHARE.add(bytes, GateSection.bucket(hash), request.served() == Arm.CANDIDATE ? 1 : 0);
        DistinctCount.add(bytes, ENTITIES, GateSection.fingerprint(hash));
        if (request.byFlag() && request.served() != Arm.OTHER) {
            boolean candidate = request.served() == Arm.CANDIDATE;
            EntitySample.add(
                    bytes,
                    SAMPLE,
                    hash,
                    candidate ? EntitySample.NEVER_PRODUCTION : request.eventTimeMillis(),
                    candidate ? request.eventTimeMillis() : EntitySample.NEVER_CANDIDATE);
        }
    }

    private static int servedAt(Arm arm) {
        return switch (arm) {
            case PRODUCTION -> SERVED;
            case CANDIDATE -> SERVED + 8;
            case OTHER -> SERVED + 16;
        };
    }

    @Override
    public void merge(Evidence other) {
        byte[] from = other.bytes();
        Header.requireMergeable(bytes, from);
        Flat.addLongs(bytes, from, ELIGIBLE, SHARE.at());
        SHARE.merge(bytes, from);
        DistinctCount.merge(bytes, from, ENTITIES);
        EntitySample.merge(bytes, from, SAMPLE);
    }

    /** Requests counted: one comparison was due for each. */
    public long eligible() {
        return Flat.getLong(bytes, ELIGIBLE);
    }

    /** Of them, those that an arm served. */
    public long served(Arm arm) {
        return Flat.getLong(bytes, servedAt(arm));
    }

    /** Of them, those that the flag did not decide. */
    public long fallbacks() {
        return Flat.getLong(bytes, FALLBACKS);
    }

    /** Share of requests served by the candidate, in [0, 1], with the variance over entities; empty without requests. */
    public Optional<GateStatistics> servedShare() {
        return SHARE.read(bytes, ENTITIES);
    }

    /** Whether entities stay with their version, from a sample of those that the flag decided on. */
    public Stickiness stickiness() {
        return new Stickiness(EntitySample.count(bytes, SAMPLE), EntitySample.returned(bytes, SAMPLE));
    }
}
