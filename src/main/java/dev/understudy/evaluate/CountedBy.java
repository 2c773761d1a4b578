package dev.understudy.evaluate;

import dev.understudy.domain.ModelPair;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;

/**
 * How a partition counts, and what of its evidence was counted otherwise: by another version of Understudy, or with other
 * settings. Kept with the evidence, which does not say it.
 *
 * <pre>
 * byte version, text of how it counts now, text of how it counted before, int n, n × (text of a pair, long epoch)
 * </pre>
 *
 * @param now the version and the settings
 * @param before the version and the settings of what was counted otherwise, the last ones if they changed more than once
 * @param throughEpoch the highest epoch of a pair of which something was counted otherwise, by {@link ModelPair#key()}
 */
record CountedBy(String now, String before, Map<String, Long> throughEpoch) {
    /** Of a partition that has told nothing yet. */
    static final CountedBy NOTHING_TOLD = new CountedBy("", "", Map.of());

    /** By a version that did not say. */
    static final CountedBy NOT_NOTED =
            new CountedBy("an earlier version, which did not note its settings", "", Map.of());

    private static final String KEY = "counted by";
    private static final int VERSION = 1;

    /** How this version counts with the settings. */
    static String text(EvaluateSettings settings) {
        return "version " + Provenance.ownVersion() + " with evaluate and outcomes of hash "
                + Provenance.hash(settings.canonical()).substring(0, 16);
    }

    /** A partition that always counted like this. */
    static CountedBy always(String now) {
        return new CountedBy(now, "", Map.of());
    }

    /**
     * Notes how the partition counts from now on.
     *
     * @param latestEpochs the highest epoch of each pair that its evidence has already
     */
    static CountedBy resume(InPlaceStore store, String now, Map<String, Long> latestEpochs) {
        byte[] bytes = store.get(KEY);
        CountedBy known = bytes == null ? null : decode(bytes);
        if (known != null && known.now.equals(now)) {
            return known;
        }
        CountedBy resumed = latestEpochs.isEmpty()
                ? always(now)
                : new CountedBy(now, (known == null ? NOT_NOTED : known).now, latestEpochs);
        store.put(KEY, resumed.encode());
        return resumed;
    }

    /**
     * Whether evidence of a pair and epoch was counted otherwise than the one who asks would.
     *
     * @return by what; null where all of it was counted like that
     */
    @Nullable
    String otherwise(String asked, ModelPair pair, long epoch) {
        if (this.equals(NOTHING_TOLD)) {
            return null;
        }
        if (!now.equals(asked)) {
            return now;
        }
        return epoch <= throughEpoch.getOrDefault(pair.key(), -1L) ? before : null;
    }

    byte[] encode() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            out.writeUTF(now);
            out.writeUTF(before);
            out.writeInt(throughEpoch.size());
            for (Map.Entry<String, Long> epoch : new TreeMap<>(throughEpoch).entrySet()) {
                out.writeUTF(epoch.getKey());
                out.writeLong(epoch.getValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    static CountedBy decode(byte[] bytes) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int version = in.readUnsignedByte();
            if (version != VERSION) {
                throw new SerializationException("how evidence was counted must have version " + VERSION + ", was "
                        + version + AnotherRelease.BEGIN_ANEW);
            }
            String now = in.readUTF();
            String before = in.readUTF();
            Map<String, Long> throughEpoch = new TreeMap<>();
            for (int left = in.readInt(); left > 0; left--) {
                throughEpoch.put(in.readUTF(), in.readLong());
            }
            return new CountedBy(now, before, throughEpoch);
        } catch (IOException e) {
            throw new SerializationException(
                    "how evidence was counted ends too early, after " + bytes.length + " bytes", e);
        }
    }
}
