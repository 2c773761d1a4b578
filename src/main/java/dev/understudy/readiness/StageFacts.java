package dev.understudy.readiness;

import dev.understudy.domain.DeclaredStage;
import dev.understudy.domain.References;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the rollout stage that is judged.
 *
 * @param epoch of the declaration; 0 when nothing was declared
 * @param percent declared share of entities that the candidate serves
 * @param since when it was declared; null when nothing was declared: it then begins with the first comparison
 * @param hold how long it lasts at least, in event time; null for what the settings say of its percent
 * @param margins by gate name, where they differ from the configured ones
 * @param references what evidence is measured against
 * @param candidates how many candidates are compared with production at once: each is judged at alpha / candidates
 */
public record StageFacts(
        long epoch,
        int percent,
        @Nullable Instant since,
        @Nullable Duration hold,
        Map<String, Double> margins,
        References references,
        int candidates) {
    public StageFacts {
        if (percent < 0 || percent > 100) {
            throw new IllegalArgumentException("percent must be 0 to 100, was " + percent);
        }
        if (candidates < 1) {
            throw new IllegalArgumentException("candidates must be at least 1, was " + candidates);
        }
        margins = Map.copyOf(margins);
        margins.forEach(ReadinessSettings::checkMargin);
    }

    /** A declared stage. */
    public static StageFacts declared(DeclaredStage stage) {
        return new StageFacts(
                stage.epoch(),
                stage.percent(),
                stage.since(),
                stage.hold(),
                stage.margins(),
                stage.references(),
                stage.candidates());
    }

    /** Nothing was declared: the candidate is in shadow. */
    public static StageFacts implicit() {
        return new StageFacts(0, 0, null, null, Map.of(), References.none(), 1);
    }

    /**
     * Of a pair, whether or not a stage was declared for it.
     *
     * @param candidatesInForce how many candidates are compared with the same production now; alpha is shared among
     *     these or the declared number, whichever is larger
     */
    public static StageFacts of(Optional<DeclaredStage> stage, int candidatesInForce) {
        StageFacts facts = stage.map(StageFacts::declared).orElseGet(StageFacts::implicit);
        return new StageFacts(
                facts.epoch,
                facts.percent,
                facts.since,
                facts.hold,
                facts.margins,
                facts.references,
                Math.max(facts.candidates, candidatesInForce));
    }
}
