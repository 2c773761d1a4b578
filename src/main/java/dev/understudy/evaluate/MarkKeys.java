package dev.understudy.evaluate;

import dev.understudy.domain.ModelPair;

/** Keys of the store that keeps how far a partition has come. */
final class MarkKeys {
    static final String COMPARISONS_WATERMARK = "watermark";
    static final String PREDICTIONS_WATERMARK = "watermark of predictions";
    static final String FLAGS_STALE_SINCE = "flags stale since";

    private static final String PAIR = "mark\n";
    private static final String PREDICTIONS = "predictions\n";

    private MarkKeys() {}

    /** Of the comparisons of a pair from one partition of the requests. */
    static String ofPair(ModelPair pair, int originPartition) {
        return PAIR + originPartition + "\n" + pair.key();
    }

    /** Of the predictions from one partition of the requests. */
    static String ofPredictions(int originPartition) {
        return PREDICTIONS + originPartition;
    }

    static boolean isOfPair(String key) {
        return key.startsWith(PAIR);
    }

    /** The pair of {@link #ofPair}. */
    static ModelPair pair(String key) {
        return EvidenceSlot.pairOfKey(key.split("\n", 3)[2]);
    }

    /** The partition of {@link #ofPair}. */
    static int originPartition(String key) {
        return Integer.parseInt(key.split("\n", 3)[1]);
    }
}
