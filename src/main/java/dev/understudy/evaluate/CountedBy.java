package dev.understudy.evaluate;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * How a partition counts, and what of its evidence was counted otherwise: by another version of Understudy, or with other
 * settings. Kept with the evidence, which does not say it.
 *
 * <pre>
 * byte version, text of how it counts now, long epoch and text of {@link Otherwise}
 * </pre>
 *
 * @param now the version and the settings
 */
record CountedBy(String now, Otherwise before) {
    private static final String KEY = "counted by";
    private static final int VERSION = 1;
    private static final String UNKNOWN = "an earlier version, which did not note its settings";

    /**
     * What was counted otherwise.
     *
     * @param throughEpoch the highest epoch of which something was; -1 for none
     * @param by the version and the settings, the last ones if they changed more than once
     */
    record Otherwise(long throughEpoch, String by) {
        static final Otherwise NONE = new Otherwise(-1, "");

        /** Of a partition whose version did not say. */
        static final Otherwise NOT_NOTED = new Otherwise(Long.MAX_VALUE, UNKNOWN);

        boolean concerns(long epoch) {
            return epoch <= throughEpoch;
        }
    }

    /** How this version counts with the settings. */
    static String text(EvaluateSettings settings) {
        return "version " + Provenance.ownVersion() + " with evaluate and outcomes of hash "
                + Provenance.hash(settings.canonical()).substring(0, 16);
    }

    /**
     * Notes how the partition counts from now on.
     *
     * @param latestEpoch the highest epoch that its evidence has already; -1 for none
     */
    static CountedBy resume(InPlaceStore store, String now, long latestEpoch) {
        byte[] bytes = store.get(KEY);
        CountedBy known = bytes == null ? null : decode(bytes);
        CountedBy resumed;
        if (known != null && known.now.equals(now)) {
            return known;
        } else if (latestEpoch < 0) {
            resumed = new CountedBy(now, Otherwise.NONE);
        } else {
            resumed = new CountedBy(now, new Otherwise(latestEpoch, known == null ? UNKNOWN : known.now));
        }
        store.put(KEY, resumed.encode());
        return resumed;
    }

    byte[] encode() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            out.writeUTF(now);
            out.writeLong(before.throughEpoch());
            out.writeUTF(before.by());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    static CountedBy decode(byte[] bytes) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int version = in.readUnsignedByte();
            if (version != VERSION) {
                throw new IllegalStateException("state of how evidence was counted must have version " + VERSION
                        + ", was " + version
                        + ": it was written by another release of Understudy; begin anew with another"
                        + " kafka.application-prefix");
            }
            return new CountedBy(in.readUTF(), new Otherwise(in.readLong(), in.readUTF()));
        } catch (IOException e) {
            throw new UncheckedIOException("state of how evidence was counted ends too early", e);
        }
    }
}
