package dev.understudy.evaluate;

import java.nio.ByteBuffer;

/** How far one partition number of each input topic was read. */
record InputsRead(Range comparisons, Range predictions, Range outcomes) {
    static final InputsRead NOTHING = new InputsRead(Range.NOTHING, Range.NOTHING, Range.NOTHING);

    /** By a version that did not note it. */
    static final InputsRead UNKNOWN = new InputsRead(Range.UNKNOWN, Range.UNKNOWN, Range.UNKNOWN);

    static final int SIZE = 3 * Range.SIZE;

    /**
     * Offsets of a topic.
     *
     * @param from first offset read; -1 where it is not known
     * @param to offset after the last one read; 0 where nothing was read, -1 where it is not known
     */
    record Range(long from, long to) {
        static final Range NOTHING = new Range(0, 0);
        static final Range UNKNOWN = new Range(-1, -1);
        static final int SIZE = 2 * Long.BYTES;

        static Range ifNotNoted(boolean somethingWasRead) {
            return somethingWasRead ? UNKNOWN : NOTHING;
        }

        boolean isKnown() {
            return to >= 0;
        }
    }

    byte[] encode() {
        ByteBuffer bytes = ByteBuffer.allocate(SIZE);
        for (InputTopic topic : InputTopic.values()) {
            Range range = of(topic);
            bytes.position(topic.place() * Range.SIZE);
            bytes.putLong(range.from()).putLong(range.to());
        }
        return bytes.array();
    }

    /** Reads the next {@link #SIZE} bytes. */
    static InputsRead decode(ByteBuffer bytes) {
        return new InputsRead(range(bytes), range(bytes), range(bytes));
    }

    private static Range range(ByteBuffer bytes) {
        return new Range(bytes.getLong(), bytes.getLong());
    }

    Range of(InputTopic topic) {
        return switch (topic) {
            case COMPARISONS -> comparisons;
            case PREDICTIONS -> predictions;
            case OUTCOMES -> outcomes;
        };
    }
}
