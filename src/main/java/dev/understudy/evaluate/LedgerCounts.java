package dev.understudy.evaluate;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The two ends of the ledger as flat arrays that are updated in place. SCORE says with each prediction which comparisons
 * are due; SHADOW's comparisons are what came. Both are counted here, each from its own topic, each origin once.
 *
 * <pre>
 * in a partition, per window or settled since the epoch began: long due, came, last event time
 * in snapshots of the whole epoch: long due, came, pending, missing, surplus
 * </pre>
 *
 * A window is settled once the predictions have passed its end by the lag budget; what is then still due is missing. A
 * comparison that comes later makes it up.
 */
final class LedgerCounts {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private static final int DUE = 0;
    private static final int CAME = 8;
    private static final int LAST_EVENT_TIME = 16;
    static final int SIZE = 24;

    private static final int BALANCE_SIZE = 40;

    private LedgerCounts() {}

    static byte[] create() {
        byte[] counts = new byte[SIZE];
        LONG.set(counts, LAST_EVENT_TIME, Long.MIN_VALUE);
        return counts;
    }

    static void countDue(byte[] counts) {
        add(counts, DUE, 1);
    }

    static void countCame(byte[] counts) {
        add(counts, CAME, 1);
    }

    static void seenAt(byte[] counts, long eventTimeMillis) {
        LONG.set(counts, LAST_EVENT_TIME, Math.max(eventTimeMillis, lastEventTime(counts)));
    }

    static long due(byte[] counts) {
        return (long) LONG.get(counts, DUE);
    }

    static long came(byte[] counts) {
        return (long) LONG.get(counts, CAME);
    }

    static long lastEventTime(byte[] counts) {
        return (long) LONG.get(counts, LAST_EVENT_TIME);
    }

    /** Adds a window that is settled. */
    static void settle(byte[] into, byte[] window) {
        add(into, DUE, due(window));
        add(into, CAME, came(window));
        seenAt(into, lastEventTime(window));
    }

    /** The balance of a partition from what is settled and what the open windows add up to. */
    static byte[] balance(byte[] settled, long openDue, long openCame) {
        byte[] balance = new byte[BALANCE_SIZE];
        LONG.set(balance, 0, due(settled) + openDue);
        LONG.set(balance, 8, came(settled) + openCame);
        LONG.set(balance, 16, openDue - openCame);
        LONG.set(balance, 24, Math.max(0, due(settled) - came(settled)));
        LONG.set(balance, 32, Math.max(0, came(settled) - due(settled)));
        return balance;
    }

    /** Adds the balance of another partition. */
    static LedgerBalance plus(LedgerBalance sum, byte[] balance) {
        return new LedgerBalance(
                sum.eligible() + (long) LONG.get(balance, 0),
                sum.accounted() + (long) LONG.get(balance, 8),
                sum.pending() + (long) LONG.get(balance, 16),
                sum.missing() + (long) LONG.get(balance, 24),
                sum.surplus() + (long) LONG.get(balance, 32));
    }

    private static void add(byte[] counts, int at, long amount) {
        LONG.set(counts, at, (long) LONG.get(counts, at) + amount);
    }
}
