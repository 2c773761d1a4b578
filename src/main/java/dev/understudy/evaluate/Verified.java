package dev.understudy.evaluate;

import dev.understudy.avro.ReadinessSummary;
import java.util.List;
import java.util.Map;

/**
 * What became of computing a published summary again.
 *
 * @param bytes of the published summary
 * @param records read, by topic
 * @param gone what the summary was made with and is not there any more, or not here, each with what would be right
 * @param doubts what the summary says and cannot well have been, of that which is taken from it and not computed
 * @param differences fields that came out otherwise; with {@link Result#REPRODUCED_IN_STAGE} those that count more than the
 *     stage
 */
public record Verified(
        ReadinessSummary summary,
        Result result,
        int bytes,
        Map<InputTopic, Long> records,
        List<String> gone,
        List<String> doubts,
        List<Difference> differences) {
    /** How it came out. */
    public enum Result {
        /** The same bytes. */
        REPRODUCED,
        /**
         * Records from before the stage are gone: the same but for the counts that go back to when the evaluation began, which
         * decide nothing.
         */
        REPRODUCED_IN_STAGE,
        /** Something is gone, so it is not known. */
        INPUT_GONE,
        /**
         * All is there, it came out otherwise, and the summary says that its stage was counted in part by another version or
         * with other settings: so it is not known.
         */
        COUNTED_OTHERWISE,
        /** All is there, and it came out otherwise. */
        DIFFERS
    }

    /**
     * A field that came out otherwise.
     *
     * @param field path in the record, e.g. {@code gates.0.bound}
     */
    public record Difference(String field, String published, String recomputed) {}

    public boolean isReproduced() {
        return result == Result.REPRODUCED || result == Result.REPRODUCED_IN_STAGE;
    }
}
