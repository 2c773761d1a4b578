package dev.understudy.evaluate;

import dev.understudy.avro.Disagreement;
import dev.understudy.avro.ReadinessSummary;
import dev.understudy.avro.WindowSummary;
import org.jspecify.annotations.Nullable;

/** What the merge publishes. */
sealed interface Published {
    /** One pair in one window. */
    record OfWindow(WindowSummary summary) implements Published {}

    /**
     * The decision on a pair and segment.
     *
     * @param summary null when the pair is gone: its record is to be deleted
     */
    record OfReadiness(@Nullable ReadinessSummary summary) implements Published {}

    /** One of the largest differences of a window. */
    record OfDisagreement(Disagreement disagreement) implements Published {}
}
