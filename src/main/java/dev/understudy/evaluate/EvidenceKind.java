package dev.understudy.evaluate;

/** What kind of evidence a slot holds. The codes are part of the keys in the stores. */
enum EvidenceKind {
    /** Comparisons: {@link dev.understudy.evidence.PairEvidence}. */
    PAIRS("p"),
    /** Like-for-like batches: {@link dev.understudy.evidence.BatchEvidence}. */
    BATCHES("b"),
    /** Outcomes: {@link dev.understudy.evidence.OutcomeEvidence}; since the epoch began, or of a cohort that has not matured. */
    OUTCOMES("o"),
    /** Who was served: {@link dev.understudy.evidence.ExposureEvidence}. */
    EXPOSURE("x"),
    /** Comparisons that were due and that came: {@link LedgerCounts}. */
    LEDGER("l"),
    /** The largest differences of a window: {@link LargestDifferences}. */
    DIFFERENCES("d");

    private final String code;

    EvidenceKind(String code) {
        this.code = code;
    }

    String code() {
        return code;
    }

    static EvidenceKind of(String code) {
        for (EvidenceKind kind : values()) {
            if (kind.code.equals(code)) {
                return kind;
            }
        }
        throw new IllegalStateException("a kind of evidence is one letter of p, b, o, x, l and d, was '" + code + "'");
    }
}
