package dev.understudy.readiness;

import java.util.ArrayList;
import java.util.List;

/**
 * A gate as it is asked of one candidate.
 *
 * @param m0 the mean must lie above it
 * @param decides false where the gate is merely shown
 */
record Question(Gate gate, double m0, boolean decides) {
    /** Whether it can prove harm: not being better is no harm. */
    boolean canFail() {
        return decides && gate != Gate.ACCURACY_BETTER;
    }

    /** All that is asked over all requests. */
    static List<Question> of(Seen all, StageFacts stage, ReadinessSettings settings) {
        List<Question> questions = new ArrayList<>();
        boolean censored = settings.labelPolicy() == LabelPolicy.CENSORED;
        for (Gate gate : settings.required()) {
            if (gate.appliesTo(all.tasks()) && isAsked(gate, all, stage, settings)) {
                questions.add(new Question(
                        gate, m0(gate, stage, settings), !(censored && gate.source() == Gate.Source.OUTCOMES)));
            }
        }
        return questions;
    }

    private static boolean isAsked(Gate gate, Seen all, StageFacts stage, ReadinessSettings settings) {
        return switch (gate) {
            case ACCURACY_BETTER -> settings.better().reading() != Better.Reading.OFF;
            case BUSINESS -> {
                // With one version serving everybody there are no two arms. Where outcomes are censored nothing else
                // judges them, so a missing bound must be noticed.
                boolean twoArms = stage.percent() > 0 && stage.percent() < 100;
                boolean bound = all.arms().bound().isPresent()
                        || stage.references().businessBound().isPresent();
                yield twoArms && (bound || settings.labelPolicy() == LabelPolicy.CENSORED);
            }
            case ERRORS, TAIL_LATENCY, TYPICAL_LATENCY, FLIPS, SCORE_SHIFT, ACCURACY, BRIER, ABSOLUTE_ERROR -> true;
        };
    }

    /** −margin for "not worse"; for "better" +by, or 0 where the share is inside d. */
    private static double m0(Gate gate, StageFacts stage, ReadinessSettings settings) {
        double margin = settings.margin(gate, stage);
        if (gate != Gate.ACCURACY_BETTER) {
            return 0 - margin;
        }
        return settings.better().reading() == Better.Reading.RELATIVE ? 0 : margin;
    }
}
