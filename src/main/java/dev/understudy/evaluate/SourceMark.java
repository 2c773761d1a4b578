package dev.understudy.evaluate;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What one source partition knows of one pair and one partition of the requests, as a flat array that is updated in
 * place: it is written for every record.
 *
 * <p>The mark is the highest origin offset counted. It is kept per pair, not per epoch nor per request: within one
 * source partition the comparisons of a pair come in the order of their origins, and a repetition starts again at a
 * lower one, so an offset at or below the mark was counted (or left out) before. Two candidates of one request share an
 * origin and differ in the pair. A repetition may carry a newer epoch than the first time, for SCORE stamps it when it
 * reads the request; a mark per epoch would count that request twice.
 *
 * <pre>
 * long mark, replays, late, undeclared values
 * per epoch, in the order in which they came: long epoch, first offset, last offset, count
 * </pre>
 */
final class SourceMark {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private static final int MARK = 0;
    private static final int REPLAYS = 8;
    private static final int LATE = 16;
    private static final int UNDECLARED = 24;
    private static final int HEADER = 32;

    private static final int EPOCH = 0;
    private static final int FIRST = 8;
    private static final int LAST = 16;
    private static final int COUNT = 24;
    private static final int ENTRY = 32;

    private SourceMark() {}

    /** A mark before every offset. */
    static byte[] create() {
        byte[] mark = new byte[HEADER];
        LONG.set(mark, MARK, -1L);
        return mark;
    }

    static boolean isReplay(byte[] mark, long originOffset) {
        return originOffset <= (long) LONG.get(mark, MARK);
    }

    static void countReplay(byte[] mark) {
        add(mark, REPLAYS, 1);
    }

    static void countLate(byte[] mark) {
        add(mark, LATE, 1);
    }

    static void countUndeclared(byte[] mark, int values) {
        add(mark, UNDECLARED, values);
    }

    static Dropped dropped(byte[] mark) {
        return new Dropped(
                (long) LONG.get(mark, REPLAYS), (long) LONG.get(mark, LATE), (long) LONG.get(mark, UNDECLARED));
    }

    /** Moves the mark to an origin that was seen and belongs to no epoch. */
    static void advance(byte[] mark, long originOffset) {
        LONG.set(mark, MARK, originOffset);
    }

    /** Moves the mark to an origin that was counted; the result is the same array unless an epoch is new. */
    static byte[] advance(byte[] mark, long epoch, long originOffset) {
        advance(mark, originOffset);
        int entry = entryOf(mark, epoch);
        byte[] result = mark;
        if (entry < 0) {
            entry = mark.length;
            result = Arrays.copyOf(mark, mark.length + ENTRY);
            LONG.set(result, entry + EPOCH, epoch);
            LONG.set(result, entry + FIRST, originOffset);
        }
        LONG.set(result, entry + LAST, originOffset);
        add(result, entry + COUNT, 1);
        return result;
    }

    /** The origins counted in an epoch, or null where there were none. */
    static OriginRanges.@Nullable Range range(byte[] mark, long epoch, int originPartition) {
        int entry = entryOf(mark, epoch);
        return entry < 0
                ? null
                : new OriginRanges.Range(
                        originPartition,
                        (long) LONG.get(mark, entry + FIRST),
                        (long) LONG.get(mark, entry + LAST),
                        (long) LONG.get(mark, entry + COUNT));
    }

    /** Forgets an epoch but not the mark: a repetition of it is still recognised. */
    static byte[] withoutEpoch(byte[] mark, long epoch) {
        int entry = entryOf(mark, epoch);
        if (entry < 0) {
            return mark;
        }
        byte[] result = new byte[mark.length - ENTRY];
        System.arraycopy(mark, 0, result, 0, entry);
        System.arraycopy(mark, entry + ENTRY, result, entry, mark.length - entry - ENTRY);
        return result;
    }

    /** Bytes with so many epochs. */
    static int size(int epochs) {
        return HEADER + epochs * ENTRY;
    }

    /** From the end, for the newest epoch is the one that is asked for. */
    private static int entryOf(byte[] mark, long epoch) {
        for (int entry = mark.length - ENTRY; entry >= HEADER; entry -= ENTRY) {
            if ((long) LONG.get(mark, entry + EPOCH) == epoch) {
                return entry;
            }
        }
        return -1;
    }

    private static void add(byte[] mark, int at, long amount) {
        LONG.set(mark, at, (long) LONG.get(mark, at) + amount);
    }
}
