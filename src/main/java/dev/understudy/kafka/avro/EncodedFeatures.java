package dev.understudy.kafka.avro;

import dev.understudy.domain.FeatureVisitor;
import dev.understudy.domain.Features;
import java.util.Arrays;

/**
 * The features of a request as the Avro bytes in which they came, read when visited: no map and no boxed values in
 * between, and a forked request copies them as they are. The array is the record's own and must not be changed.
 *
 * <p>A name that the writer repeated is shown again; the last one counts, as in a map.
 */
final class EncodedFeatures implements Features {
    private static final String FIELD = "features";
    /** A name's length and a branch. */
    private static final int LEAST_ENTRY = 2;

    private final byte[] bytes;
    private final int start;
    private final int end;
    private final NameCache names;

    private EncodedFeatures(byte[] bytes, int start, int end, NameCache names) {
        this.bytes = bytes;
        this.start = start;
        this.end = end;
        this.names = names;
    }

    /** Steps over the features, checking all of them, so that a visit later cannot fail. */
    static EncodedFeatures read(AvroCursor in, NameCache names) {
        int start = in.position();
        for (int count = in.beginBlock(LEAST_ENTRY, FIELD); count > 0; count = in.beginBlock(LEAST_ENTRY, FIELD)) {
            int blockEnd = in.blockEnd();
            for (int i = 0; i < count; i++) {
                in.skip(in.readLength(FIELD), FIELD);
                skipValue(in);
            }
            in.endBlock(blockEnd, FIELD);
        }
        return new EncodedFeatures(in.bytes(), start, in.position(), names);
    }

    private static void skipValue(AvroCursor in) {
        switch (in.readBranch(6, FIELD)) {
            case 1 -> in.skip(Double.BYTES, FIELD);
            case 2 -> in.readLong(FIELD);
            case 3 -> in.readBoolean(FIELD);
            case 4 -> in.skip(in.readLength(FIELD), FIELD);
            case 5 -> {
                for (int count = in.beginBlock(Double.BYTES, FIELD);
                        count > 0;
                        count = in.beginBlock(Double.BYTES, FIELD)) {
                    int blockEnd = in.blockEnd();
                    in.skip(count * Double.BYTES, FIELD);
                    in.endBlock(blockEnd, FIELD);
                }
            }
            default -> {
                // null takes no bytes
            }
        }
    }

    @Override
    public void forEach(FeatureVisitor visitor) {
        AvroCursor in = new AvroCursor(bytes, start, end);
        int place = 0;
        for (int count = in.beginBlock(LEAST_ENTRY, FIELD); count > 0; count = in.beginBlock(LEAST_ENTRY, FIELD)) {
            for (int i = 0; i < count; i++) {
                String name = names.read(in, place++, FIELD);
                switch (in.readBranch(6, FIELD)) {
                    case 1 -> visitor.number(name, in.readDouble(FIELD));
                    case 2 -> visitor.integer(name, in.readLong(FIELD));
                    case 3 -> visitor.bool(name, in.readBoolean(FIELD));
                    case 4 -> visitor.text(name, in.readString(FIELD));
                    case 5 -> visitor.vector(name, AvroValues.readDoubles(in, FIELD));
                    default -> visitor.missing(name);
                }
            }
        }
    }

    void copyTo(AvroBuffer out) {
        out.writeRaw(bytes, start, end);
    }

    @Override
    public String toString() {
        return "features in " + (end - start) + " bytes";
    }

    /** The encoded form, for tests of what is copied. */
    byte[] encoded() {
        return Arrays.copyOfRange(bytes, start, end);
    }
}
