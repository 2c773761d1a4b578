package dev.understudy.evaluate;

import dev.understudy.evidence.EvidenceShape;
import java.time.Duration;
import java.util.Map;

/** The default settings with one of them changed. */
final class DefaultSettings {
    private static final EvaluateSettings DEFAULTS = EvaluateSettings.defaults(Map.of());

    private DefaultSettings() {}

    static EvaluateSettings withEpochRetention(Duration retention) {
        return with(retention, DEFAULTS.disagreements(), DEFAULTS.shape());
    }

    static EvaluateSettings withDisagreements(int number) {
        return with(DEFAULTS.epochRetention(), number, DEFAULTS.shape());
    }

    static EvaluateSettings withTimeBlock(Duration timeBlock) {
        EvidenceShape shape = DEFAULTS.shape();
        return with(
                DEFAULTS.epochRetention(),
                DEFAULTS.disagreements(),
                new EvidenceShape(shape.regressionUnitBits(), timeBlock, shape.references()));
    }

    private static EvaluateSettings with(Duration epochRetention, int disagreements, EvidenceShape shape) {
        return new EvaluateSettings(
                DEFAULTS.window(),
                DEFAULTS.grace(),
                DEFAULTS.interval(),
                DEFAULTS.idleAfter(),
                DEFAULTS.windowRetention(),
                epochRetention,
                DEFAULTS.lagBudget(),
                DEFAULTS.outcomes(),
                disagreements,
                DEFAULTS.expectedPairs(),
                DEFAULTS.segments(),
                shape);
    }
}
