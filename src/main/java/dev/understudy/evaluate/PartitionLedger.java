package dev.understudy.evaluate;

/**
 * Both ends of the ledger in one partition: what predictions say is due, and what came. A window is settled by the event
 * time of predictions, since it is they that say what was due.
 */
final class PartitionLedger {
    private final EvaluateSettings settings;
    private final PartialEvidence evidence;
    private final Watermark predictionsRead;

    PartitionLedger(EvaluateSettings settings, PartialEvidence evidence, Watermark predictionsRead) {
        this.settings = settings;
        this.evidence = evidence;
        this.predictionsRead = predictionsRead;
    }

    void countDue(PairKeys keys, long eventTimeMillis) {
        LedgerCounts.countDue(counts(keys, eventTimeMillis));
    }

    void countCame(PairKeys keys, long eventTimeMillis) {
        LedgerCounts.countCame(counts(keys, eventTimeMillis));
    }

    /** The array to count in: its window's, or where that is settled the epoch's. It is put before it is changed. */
    private byte[] counts(PairKeys keys, long eventTimeMillis) {
        byte[] settled = countsAt(keys.cumulative(EvidenceKind.LEDGER, Segments.ALL));
        LedgerCounts.seenAt(settled, eventTimeMillis);
        long start = settings.windowStartOf(eventTimeMillis);
        return predictionsRead.hasPassed(settings.settlesAt(start))
                ? settled
                : countsAt(keys.window(EvidenceKind.LEDGER, start, Segments.ALL));
    }

    private byte[] countsAt(String key) {
        byte[] known = evidence.get(key);
        byte[] counts = known == null ? LedgerCounts.create() : known;
        evidence.put(key, counts);
        return counts;
    }

    /** What the merge is told of an epoch. */
    byte[] balance(EvidenceSlot slot, byte[] settled) {
        long due = 0;
        long came = 0;
        for (byte[] window : evidence.windows(EvidenceKind.LEDGER, slot.pair(), slot.epoch())) {
            due += LedgerCounts.due(window);
            came += LedgerCounts.came(window);
        }
        return LedgerCounts.balance(settled, due, came);
    }

    /** What is still due in a window that is settled is missing, until it comes after all. */
    void settle(PairKeysBook keys) {
        if (!predictionsRead.isSet()) {
            return;
        }
        long last = settings.lastSettledWindow(predictionsRead.millis());
        for (String key : evidence.windowsUpTo(EvidenceKind.LEDGER, last)) {
            EvidenceSlot slot = evidence.slot(key);
            byte[] window = evidence.get(key);
            if (window != null) {
                LedgerCounts.settle(
                        countsAt(keys.of(slot.pair(), slot.epoch()).cumulative(EvidenceKind.LEDGER, Segments.ALL)),
                        window);
            }
            evidence.delete(key);
            keys.forgetWindow(slot);
        }
    }
}
