package dev.understudy.evaluate;

import dev.understudy.avro.Disagreement;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * The requests of one window on which the two versions differ most, for each segment and direction. Which ones they are
 * depends on the requests alone: larger differences first, then lower origins.
 */
final class LargestDifferences {
    private static final int VERSION = 1;

    private static final Comparator<Entry> ORDER = Comparator.comparingDouble(
                    (Entry entry) -> -Math.abs(entry.difference))
            .thenComparingInt(Entry::originPartition)
            .thenComparingLong(Entry::originOffset);

    private final int perDirection;
    private final Map<Stratum, List<Entry>> entries = new TreeMap<>();

    private record Stratum(String segment, boolean upwards) implements Comparable<Stratum> {
        @Override
        public int compareTo(Stratum other) {
            int order = segment.compareTo(other.segment);
            return order != 0 ? order : Boolean.compare(upwards, other.upwards);
        }
    }

    private record Entry(double difference, int originPartition, long originOffset, byte[] disagreement) {}

    LargestDifferences(int perDirection) {
        this.perDirection = perDirection;
    }

    /**
     * Keeps the request if it is among the largest of its segment and direction.
     *
     * @param difference candidate minus production, not 0
     * @return whether it was kept
     */
    boolean offer(
            String segment,
            double difference,
            int originPartition,
            long originOffset,
            Supplier<Disagreement> disagreement) {
        List<Entry> kept = entries.computeIfAbsent(new Stratum(segment, difference > 0), s -> new ArrayList<>());
        if (kept.size() >= perDirection && Math.abs(difference) < Math.abs(kept.get(kept.size() - 1).difference)) {
            return false;
        }
        return insert(kept, new Entry(difference, originPartition, originOffset, bytes(disagreement.get())));
    }

    private boolean insert(List<Entry> kept, Entry entry) {
        kept.add(entry);
        kept.sort(ORDER);
        if (kept.size() > perDirection) {
            kept.remove(kept.size() - 1);
        }
        return kept.contains(entry);
    }

    /** Adds what another part of the same window found. */
    void merge(LargestDifferences other) {
        other.entries.forEach((stratum, more) -> {
            List<Entry> kept = entries.computeIfAbsent(stratum, s -> new ArrayList<>());
            more.forEach(entry -> insert(kept, entry));
        });
    }

    /** As records, ranked within their segment and direction. */
    List<Disagreement> disagreements() {
        List<Disagreement> records = new ArrayList<>();
        entries.forEach((stratum, kept) -> {
            for (int i = 0; i < kept.size(); i++) {
                records.add(Disagreement.newBuilder(disagreement(kept.get(i).disagreement))
                        .setSegment(stratum.segment)
                        .setRank(i + 1)
                        .build());
            }
        });
        return records;
    }

    private static byte[] bytes(Disagreement disagreement) {
        try {
            ByteBuffer buffer = disagreement.toByteBuffer();
            byte[] bytes = new byte[buffer.remaining()];
            buffer.get(bytes);
            return bytes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Disagreement disagreement(byte[] bytes) {
        try {
            return Disagreement.fromByteBuffer(ByteBuffer.wrap(bytes));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    byte[] encode() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            out.writeShort(entries.values().stream().mapToInt(List::size).sum());
            for (Map.Entry<Stratum, List<Entry>> stratum : entries.entrySet()) {
                for (Entry entry : stratum.getValue()) {
                    out.writeUTF(stratum.getKey().segment);
                    out.writeDouble(entry.difference);
                    out.writeInt(entry.originPartition);
                    out.writeLong(entry.originOffset);
                    out.writeInt(entry.disagreement.length);
                    out.write(entry.disagreement);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    static LargestDifferences decode(byte[] bytes, int perDirection) {
        LargestDifferences found = new LargestDifferences(perDirection);
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int version = in.readUnsignedByte();
            if (version != VERSION) {
                throw new IllegalStateException("disagreements of a window must have version " + VERSION + ", was "
                        + version + ": they were written by another release of Understudy");
            }
            int n = in.readUnsignedShort();
            for (int i = 0; i < n; i++) {
                String segment = in.readUTF();
                double difference = in.readDouble();
                int partition = in.readInt();
                long offset = in.readLong();
                byte[] disagreement = in.readNBytes(in.readInt());
                found.insert(
                        found.entries.computeIfAbsent(new Stratum(segment, difference > 0), s -> new ArrayList<>()),
                        new Entry(difference, partition, offset, disagreement));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("disagreements of " + bytes.length + " bytes end too early", e);
        }
        return found;
    }
}
