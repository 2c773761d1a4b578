package dev.understudy.evidence;

import java.util.Optional;

/** What outcomes say of a pair: accuracy and calibration of both versions, and business values of the served arms. */
@SuppressWarnings({"DoNotCallSuggester", "UnusedVariable"})
public final class OutcomeEvidence implements Evidence {
    private byte[] bytes = {};

    private OutcomeEvidence() {}

    /** Evidence of nothing. */
    public static OutcomeEvidence create(Detail detail, EvidenceShape shape) {
        throw Skeleton.missing();
    }

    @Override
    public byte[] bytes() {
        return bytes;
    }

    /** Counts a pair of which an outcome is expected, whether or not it comes. */
    public void expect() {
        throw Skeleton.missing();
    }

    /** Counts an outcome that was joined with its comparison. */
    public void add(OutcomeObservation outcome) {
        throw Skeleton.missing();
    }

    @Override
    public void merge(Evidence other) {
        throw Skeleton.missing();
    }

    /** Accuracy and calibration; what needs {@link Detail#FULL} is null without it. */
    public Accuracy accuracy() {
        throw Skeleton.missing();
    }

    /** ACCURACY, BRIER or ABSOLUTE_ERROR (empty without a bound). */
    public Optional<GateStatistics> statistics(GateMetric metric) {
        throw Skeleton.missing();
    }

    /** (k_c − factor·k_p)/factor, factor >= 1: whether accuracy is better by a share. */
    public Optional<GateStatistics> relativeAccuracy(double factor) {
        throw Skeleton.missing();
    }

    /** Business values of an arm in units of the declared bound, clamped to [−1, 1]; empty without a bound or values. Needs FULL. */
    public Optional<GateStatistics> arm(Arm arm) {
        throw Skeleton.missing();
    }

    /** The declared bound of business values; empty where none was, or where merged parts had different ones. */
    public java.util.OptionalDouble businessBound() {
        throw Skeleton.missing();
    }
}
