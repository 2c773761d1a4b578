package dev.understudy.evaluate;

import java.util.function.Consumer;

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
        count(keys, eventTimeMillis, LedgerCounts::countDue);
    }

    void countCame(PairKeys keys, long eventTimeMillis) {
        count(keys, eventTimeMillis, LedgerCounts::countCame);
    }

    /** In the window, or where that is settled in the epoch's own counts. */
    private void count(PairKeys keys, long eventTimeMillis, Consumer<byte[]> count) {
        long start = settings.windowStartOf(eventTimeMillis);
        boolean settled = predictionsRead.hasPassed(settings.settlesAt(start));
        change(keys.cumulative(EvidenceKind.LEDGER, Segments.ALL), counts -> {
            LedgerCounts.seenAt(counts, eventTimeMillis);
            if (settled) {
                count.accept(counts);
            }
        });
        if (!settled) {
            change(keys.window(EvidenceKind.LEDGER, start, Segments.ALL), count);
        }
    }

    private void change(String key, Consumer<byte[]> change) {
        byte[] known = evidence.get(key);
        byte[] counts = known == null ? LedgerCounts.create() : known;
        change.accept(counts);
        evidence.put(key, counts);
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
                change(
                        keys.of(slot.pair(), slot.epoch()).cumulative(EvidenceKind.LEDGER, Segments.ALL),
                        counts -> LedgerCounts.settle(counts, window));
            }
            evidence.delete(key);
            keys.forgetWindow(slot);
        }
    }
}
