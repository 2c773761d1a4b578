package dev.understudy.evaluate;

import dev.understudy.domain.ModelPair;

/** What partitions tell the merge: from the processor of one partition to the one that owns a pair. */
sealed interface EvidenceMessage {
    /** The partition of comparisons that speaks. */
    int sourcePartition();

    /**
     * All evidence of a slot in one source partition so far. Replaces what was said before of the same slot and
     * partition.
     *
     * @param dropped what was left out; zero but for comparisons of all requests since the epoch began, which alone carry
     *     counts
     * @param evidence flat layout of the slot's kind; not changed after the message was made
     */
    record Snapshot(int sourcePartition, EvidenceSlot slot, OriginRanges origins, Dropped dropped, byte[] evidence)
            implements EvidenceMessage {}

    /** The source partition keeps nothing in that slot any more. */
    record Removed(int sourcePartition, EvidenceSlot slot) implements EvidenceMessage {}

    /**
     * How far the source partition has come. Follows the snapshots of everything that changed up to there, and goes to
     * every partition of the merge, so that none takes silence about its pairs for the end of the data.
     *
     * @param watermarkMillis the highest event time of its comparisons, or {@link Long#MIN_VALUE} before the first one
     * @param flags what the last prediction said of them
     * @param outcomes of all pairs
     * @param read how far the topics were read; everything told until here is of these records and no others
     * @param countedBy how it was counted
     */
    record Progress(
            int sourcePartition,
            long watermarkMillis,
            FlagState flags,
            OutcomeCounts outcomes,
            InputsRead read,
            CountedBy countedBy)
            implements EvidenceMessage {}

    /** A stage of the pair was declared with that epoch, whether or not comparisons come. */
    record Announced(int sourcePartition, ModelPair pair, long epoch) implements EvidenceMessage {}
}
