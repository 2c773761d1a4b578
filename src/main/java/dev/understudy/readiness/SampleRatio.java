package dev.understudy.readiness;

import dev.understudy.evidence.GateStatistics;

/**
 * Whether the candidate served the share that was declared. The flag chooses entities and entities return, so a test that
 * takes requests for independent (the usual chi-square) raises false alarms; and it is looked at all the time. Hence the
 * confidence sequence of the gates on the indicator "served by the candidate" in [0, 1], with the variance over buckets of
 * entities, each side at 0.005. The ratio is wrong when the whole interval lies further from the declared share than the
 * tolerance. The tolerance is there because a rollout reaches the pipeline's instances one after the other: without it
 * such a start, seconds long, would be noticed for ever.
 */
final class SampleRatio {
    private static final double ALPHA_PER_SIDE = 0.005;

    private SampleRatio() {}

    /** Whether the share differs for certain; false while there is too little data to say. */
    static boolean isWrong(GateStatistics served, double declared, ReadinessSettings settings) {
        if (served.n() < settings.minimumRequests()
                || served.users() < settings.minimumEntities()
                || served.kEff() < settings.minimumBuckets()) {
            return false;
        }
        ConfidenceSequence share =
                new ConfidenceSequence(served, 0, 1, ALPHA_PER_SIDE, settings.nStar(), settings.priorUsers());
        return share.lower() > declared + settings.sampleRatioTolerance()
                || share.upper() < declared - settings.sampleRatioTolerance();
    }
}
