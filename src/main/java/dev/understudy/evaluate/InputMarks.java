package dev.understudy.evaluate;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * How far a partition has read its topics, kept over restarts with what was counted: {@link InputsRead} as a flat array that
 * is updated in place, since it is written for every record.
 */
final class InputMarks {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final String KEY = "inputs";

    private final InPlaceStore store;
    private final byte[] bytes;

    /** @param withoutMarks how far was read where there are no marks: by a version that kept none, or not at all */
    InputMarks(InPlaceStore store, InputsRead withoutMarks) {
        this.store = store;
        byte[] known = store.get(KEY);
        if (known != null && known.length != InputsRead.SIZE) {
            throw new IllegalStateException("state of how far topics were read must have " + InputsRead.SIZE
                    + " bytes, had "
                    + known.length + AnotherRelease.BEGIN_ANEW);
        }
        this.bytes = known == null ? withoutMarks.encode() : known;
    }

    void read(InputTopic topic, long offset) {
        int from = topic.place() * InputsRead.Range.SIZE;
        int to = from + Long.BYTES;
        if ((long) LONG.get(bytes, to) == 0) {
            LONG.set(bytes, from, offset);
        }
        LONG.set(bytes, to, offset + 1);
        store.put(KEY, bytes);
    }

    InputsRead read() {
        return InputsRead.decode(ByteBuffer.wrap(bytes));
    }
}
