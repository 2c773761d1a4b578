package dev.understudy.evidence;

import dev.understudy.domain.Task;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A comparison whose outcome is known.
 *
 * @param pair whether both versions gave valid, comparable answers; otherwise only the business value counts
 * @param classes as in {@link PairObservation}
 * @param served whose answer led to the outcome
 */
public record OutcomeObservation(
        long entityHash,
        @Nullable Task task,
        List<String> classes,
        Arm served,
        boolean pair,
        Answer production,
        Answer candidate,
        Truth truth) {}
