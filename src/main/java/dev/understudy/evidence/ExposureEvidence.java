package dev.understudy.evidence;

import java.util.Optional;

/** What SCORE did for a pair: requests forked, who served them, and whether entities stayed with their version. */
@SuppressWarnings({"DoNotCallSuggester", "UnusedVariable"})
public final class ExposureEvidence implements Evidence {
    private byte[] bytes = {};

    private ExposureEvidence() {}

    /** Evidence of nothing. */
    public static ExposureEvidence create() {
        throw Skeleton.missing();
    }

    @Override
    public byte[] bytes() {
        return bytes;
    }

    /** Counts a forked request. */
    public void add(ExposureObservation request) {
        throw Skeleton.missing();
    }

    @Override
    public void merge(Evidence other) {
        throw Skeleton.missing();
    }

    /** Requests counted: one comparison was due for each. */
    public long eligible() {
        throw Skeleton.missing();
    }

    /** Of them, those that an arm served. */
    public long served(Arm arm) {
        throw Skeleton.missing();
    }

    /** Of them, those that the flag did not decide. */
    public long fallbacks() {
        throw Skeleton.missing();
    }

    /** Share of requests served by the candidate, in [0, 1], with the variance over entities. */
    public Optional<GateStatistics> servedShare() {
        throw Skeleton.missing();
    }

    public Stickiness stickiness() {
        throw Skeleton.missing();
    }
}
