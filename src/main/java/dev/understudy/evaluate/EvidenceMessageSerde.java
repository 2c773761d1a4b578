package dev.understudy.evaluate;

import dev.understudy.domain.ModelPair;
import dev.understudy.evaluate.EvidenceMessage.Announced;
import dev.understudy.evaluate.EvidenceMessage.Progress;
import dev.understudy.evaluate.EvidenceMessage.Removed;
import dev.understudy.evaluate.EvidenceMessage.Snapshot;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.processor.StreamPartitioner;

/**
 * Plain bytes of the internal topic between partitions and the merge; they never meet the schema registry.
 *
 * <pre>
 * byte version, byte kind, int source partition, then
 *   snapshot   slot, short n, n × (int partition, long first, long last, long count), 3 × long, evidence to the end
 *   removed    slot
 *   progress   watermark and outcomes as {@link #progressBytes} writes them
 *   announced  pair to the end
 * slot: short length and UTF-8 of {@link EvidenceSlot#storeKey()}
 * </pre>
 */
final class EvidenceMessageSerde implements Serde<EvidenceMessage> {
    private static final int VERSION = 3;

    /** Of what a progress says; version 3 did not say how far the topics were read, nor version 4 how it was counted. */
    private static final int PROGRESS_VERSION = 5;

    private static final int PROGRESS_WITH_READ = 4;

    private static final int SNAPSHOT = 1;
    private static final int REMOVED = 2;
    private static final int PROGRESS = 3;
    private static final int ANNOUNCED = 4;

    private static final byte[] TO_ALL = {};

    /** Key of a message: the pair, or nothing for messages to every partition of the merge. */
    static byte[] topicKey(EvidenceMessage message) {
        if (message instanceof Snapshot snapshot) {
            return bytes(snapshot.slot().pair());
        } else if (message instanceof Removed removed) {
            return bytes(removed.slot().pair());
        } else if (message instanceof Announced announced) {
            return bytes(announced.pair());
        }
        return TO_ALL;
    }

    /** Sends messages without a key to every partition, others by the hash of their key. */
    static StreamPartitioner<byte[], EvidenceMessage> partitioner() {
        return (topic, key, message, partitions) ->
                message instanceof Progress ? Optional.of(everyPartition(partitions)) : Optional.empty();
    }

    private static Set<Integer> everyPartition(int partitions) {
        return IntStream.range(0, partitions).boxed().collect(Collectors.toSet());
    }

    private static byte[] bytes(ModelPair pair) {
        return pair.key().getBytes(StandardCharsets.UTF_8);
    }

    static byte[] encode(EvidenceMessage message) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(64);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            if (message instanceof Snapshot snapshot) {
                out.writeByte(SNAPSHOT);
                out.writeInt(snapshot.sourcePartition());
                out.writeUTF(snapshot.slot().storeKey());
                out.writeShort(snapshot.origins().ranges().size());
                for (OriginRanges.Range range : snapshot.origins().ranges()) {
                    out.writeInt(range.originPartition());
                    out.writeLong(range.first());
                    out.writeLong(range.last());
                    out.writeLong(range.count());
                }
                out.writeLong(snapshot.dropped().replays());
                out.writeLong(snapshot.dropped().late());
                out.writeLong(snapshot.dropped().undeclaredValues());
                out.write(snapshot.evidence());
            } else if (message instanceof Removed removed) {
                out.writeByte(REMOVED);
                out.writeInt(removed.sourcePartition());
                out.writeUTF(removed.slot().storeKey());
            } else if (message instanceof Progress progress) {
                out.writeByte(PROGRESS);
                out.writeInt(progress.sourcePartition());
                out.write(progressBytes(progress));
            } else if (message instanceof Announced announced) {
                out.writeByte(ANNOUNCED);
                out.writeInt(announced.sourcePartition());
                out.writeLong(announced.epoch());
                out.write(bytes(announced.pair()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void requireVersion(int version) {
        if (version != VERSION) {
            throw new SerializationException(
                    "evidence must have version " + VERSION + ", was " + version + AnotherRelease.BEGIN_ANEW);
        }
    }

    static EvidenceMessage decode(byte[] bytes) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            requireVersion(in.readUnsignedByte());
            int kind = in.readUnsignedByte();
            int sourcePartition = in.readInt();
            return switch (kind) {
                case SNAPSHOT -> {
                    EvidenceSlot slot = EvidenceSlot.ofStoreKey(in.readUTF());
                    int n = in.readUnsignedShort();
                    List<OriginRanges.Range> ranges = new ArrayList<>(n);
                    for (int i = 0; i < n; i++) {
                        ranges.add(new OriginRanges.Range(in.readInt(), in.readLong(), in.readLong(), in.readLong()));
                    }
                    Dropped dropped = new Dropped(in.readLong(), in.readLong(), in.readLong());
                    yield new Snapshot(sourcePartition, slot, new OriginRanges(ranges), dropped, in.readAllBytes());
                }
                case REMOVED -> new Removed(sourcePartition, EvidenceSlot.ofStoreKey(in.readUTF()));
                case PROGRESS -> progress(sourcePartition, in.readAllBytes());
                case ANNOUNCED -> {
                    long epoch = in.readLong();
                    String pair = new String(in.readAllBytes(), StandardCharsets.UTF_8);
                    yield new Announced(sourcePartition, EvidenceSlot.pairOfKey(pair), epoch);
                }
                default -> throw new SerializationException("unknown kind of evidence message: " + kind);
            };
        } catch (IOException | BufferUnderflowException e) {
            throw new SerializationException("evidence message of " + bytes.length + " bytes ends too early", e);
        }
    }

    /**
     * Version, long watermark, state of the flags, counts of outcomes, how far the topics were read, and to the end how it was
     * counted.
     */
    static byte[] progressBytes(Progress progress) {
        byte[] countedBy = progress.countedBy().encode();
        ByteBuffer out = ByteBuffer.allocate(
                1 + Long.BYTES + FlagState.SIZE + OutcomeCounts.SIZE + InputsRead.SIZE + countedBy.length);
        out.put((byte) PROGRESS_VERSION).putLong(progress.watermarkMillis());
        progress.flags().encode(out);
        return out.put(progress.outcomes().encode())
                .put(progress.read().encode())
                .put(countedBy)
                .array();
    }

    static Progress progress(int sourcePartition, byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        int version = in.get();
        if (version != PROGRESS_VERSION && version != PROGRESS_WITH_READ) {
            requireVersion(version);
        }
        return new Progress(
                sourcePartition,
                in.getLong(),
                FlagState.decode(in),
                OutcomeCounts.decode(in),
                version >= PROGRESS_WITH_READ ? InputsRead.decode(in) : InputsRead.UNKNOWN,
                version == PROGRESS_VERSION ? countedBy(in) : CountedBy.NOT_NOTED);
    }

    private static CountedBy countedBy(ByteBuffer in) {
        byte[] rest = new byte[in.remaining()];
        in.get(rest);
        return CountedBy.decode(rest);
    }

    @Override
    public Serializer<EvidenceMessage> serializer() {
        return (topic, message) -> encode(message);
    }

    @Override
    public Deserializer<EvidenceMessage> deserializer() {
        return (topic, bytes) -> decode(bytes);
    }
}
