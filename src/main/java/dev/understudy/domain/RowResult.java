package dev.understudy.domain;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a model version answered to one row. */
public sealed interface RowResult {

    /**
     * An answer.
     *
     * @param score probability of the positive class (binary) or the value (regression); null where the model gives no
     *     single number
     * @param label the predicted class as text; null for regression
     * @param probabilities per class name; empty where the model gives none. Iterates in the model's class order
     * @param vector the output vector where the model gives one and no score; else null
     */
    record Scored(
            @Nullable Double score,
            @Nullable String label,
            Map<String, Double> probabilities,
            double @Nullable [] vector)
            implements RowResult {}

    /**
     * No answer.
     *
     * @param code for programs, e.g. {@code MISSING_FEATURE}
     * @param message for people: names the feature and what the model expects, never a feature's value
     */
    record Failed(String code, String message) implements RowResult {
        /** A feature that the model needs is not there, or has no value. */
        public static final String MISSING_FEATURE = "MISSING_FEATURE";
        /** The model has no such feature; in the pipeline it is left out instead. */
        public static final String UNKNOWN_FEATURE = "UNKNOWN_FEATURE";
        /** A feature is of another type than the model's. */
        public static final String WRONG_TYPE = "WRONG_TYPE";
        /** A vector of another length than the model's. */
        public static final String WRONG_LENGTH = "WRONG_LENGTH";
        /** A number that the model's type cannot hold. */
        public static final String OUT_OF_RANGE = "OUT_OF_RANGE";
        /** An input given both whole and by column. */
        public static final String DUPLICATE_FEATURE = "DUPLICATE_FEATURE";
        /** The model call as a whole failed: the row may be innocent. */
        public static final String MODEL_FAILED = "MODEL_FAILED";
        /** No version could serve. */
        public static final String NO_MODEL = "NO_MODEL";
        /**
         * The version could not be loaded where it was to be asked. As production's failure in a comparison it means that
         * SHADOW could not ask: nothing is known of what production would have answered.
         */
        public static final String MODEL_NOT_LOADED = "MODEL_NOT_LOADED";
        /** SHADOW: the batch took longer than its limit. */
        public static final String TIMED_OUT = "TIMED_OUT";
        /** SHADOW: the version was not asked, because it had done harm. Nothing is known of what it would have answered. */
        public static final String QUARANTINED = "QUARANTINED";
        /** SHADOW was behind and left the request out: nobody was asked. */
        public static final String SHED = "SHED";
    }
}
