package dev.understudy.evaluate;

import dev.understudy.domain.ModelPair;

/** What partitions tell the merge: from the processor of one partition of comparisons to the one that owns a pair. */
sealed interface EvidenceMessage {
    /** The partition of comparisons that speaks. */
    int sourcePartition();

    /**
     * All evidence of a slot in one source partition so far. Replaces what was said before of the same slot and
     * partition.
     *
     * @param dropped what was left out; zero but for cumulative evidence of all requests, which alone carries counts
     * @param evidence flat layout; not changed after the message was made
     */
    record Snapshot(int sourcePartition, EvidenceSlot slot, OriginRanges origins, Dropped dropped, byte[] evidence)
            implements EvidenceMessage {}

    /** The source partition keeps nothing in that slot any more. */
    record Removed(int sourcePartition, EvidenceSlot slot) implements EvidenceMessage {}

    /**
     * How far the source partition has come. Follows the snapshots of everything that changed up to there, and goes to
     * every partition of the merge, so that none takes silence about its pairs for the end of the data.
     *
     * @param watermarkMillis the highest event time seen, or {@link Long#MIN_VALUE} before the first record
     */
    record Progress(int sourcePartition, long watermarkMillis) implements EvidenceMessage {}

    /** The pair has a declared stage, whether or not comparisons come. */
    record Announced(int sourcePartition, ModelPair pair) implements EvidenceMessage {}
}
