package dev.understudy.evaluate;

import dev.understudy.domain.ModelPair;
import dev.understudy.domain.Task;
import dev.understudy.evidence.Answer;
import dev.understudy.evidence.Arm;
import dev.understudy.evidence.Truth;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of a request until its outcome has come: the answers of its comparisons, scores only. Once the outcome is
 * known it alone is kept, for further comparisons of the request and to recognise what is said twice.
 *
 * @param timeMillis of the request, or where event time stood when its outcome was read before it
 * @param known the outcome; null while nobody said
 * @param sides comparisons that wait for the outcome; empty once it is known
 */
record JoinRow(long timeMillis, @Nullable Known known, List<Side> sides) {
    private static final int VERSION = 1;

    /** What became of the outcome. The names are part of the format. */
    enum State {
        WAITING,
        JOINED,
        TOO_LATE
    }

    /** An outcome that was read. */
    record Known(Truth truth, long observedAtMillis, State state) {}

    /**
     * One comparison of the request.
     *
     * @param pairOfAnswers whether both versions gave valid answers that can be compared
     * @param segments those that the request is in, {@link Segments#ALL} left out
     */
    record Side(
            ModelPair pair,
            long epoch,
            long requestTimeMillis,
            @Nullable Task task,
            List<String> classes,
            Arm served,
            boolean pairOfAnswers,
            Answer production,
            Answer candidate,
            List<String> segments) {}

    JoinRow {
        sides = List.copyOf(sides);
    }

    byte[] encode() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(160);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            out.writeLong(timeMillis);
            out.writeBoolean(known != null);
            if (known != null) {
                out.writeUTF(known.state().name());
                out.writeLong(known.observedAtMillis());
                writeText(out, known.truth().label());
                writeNumber(out, known.truth().value());
                writeNumber(out, known.truth().businessValue());
            }
            out.writeShort(sides.size());
            for (Side side : sides) {
                write(out, side);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** The time of an encoded row, without reading the rest. */
    static long timeMillis(byte[] row) {
        return ByteBuffer.wrap(row, 1, Long.BYTES).getLong();
    }

    static JoinRow decode(byte[] bytes) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int version = in.readUnsignedByte();
            if (version != VERSION) {
                throw new IllegalStateException("a joined request must have version " + VERSION + ", was " + version
                        + ": it was written by another release of Understudy");
            }
            long time = in.readLong();
            Known known = in.readBoolean() ? readKnown(in) : null;
            int n = in.readUnsignedShort();
            List<Side> sides = new ArrayList<>(n);
            for (int i = 0; i < n; i++) {
                sides.add(readSide(in));
            }
            return new JoinRow(time, known, sides);
        } catch (IOException e) {
            throw new UncheckedIOException("a joined request of " + bytes.length + " bytes ends too early", e);
        }
    }

    private static Known readKnown(DataInputStream in) throws IOException {
        State state = State.valueOf(in.readUTF());
        long observedAt = in.readLong();
        return new Known(new Truth(readText(in), readNumber(in), readNumber(in)), observedAt, state);
    }

    private static void write(DataOutputStream out, Side side) throws IOException {
        out.writeUTF(side.pair().key());
        out.writeLong(side.epoch());
        out.writeLong(side.requestTimeMillis());
        writeText(out, side.task() == null ? null : side.task().name());
        writeTexts(out, side.classes());
        out.writeUTF(side.served().name());
        out.writeBoolean(side.pairOfAnswers());
        if (side.pairOfAnswers()) {
            write(out, side.production());
            write(out, side.candidate());
        }
        writeTexts(out, side.segments());
    }

    private static Side readSide(DataInputStream in) throws IOException {
        ModelPair pair = EvidenceSlot.pairOfKey(in.readUTF());
        long epoch = in.readLong();
        long time = in.readLong();
        String task = readText(in);
        List<String> classes = readTexts(in);
        Arm served = Arm.valueOf(in.readUTF());
        boolean both = in.readBoolean();
        Answer production = both ? readAnswer(in) : Answer.none();
        Answer candidate = both ? readAnswer(in) : Answer.none();
        return new Side(
                pair,
                epoch,
                time,
                task == null ? null : Task.valueOf(task),
                classes,
                served,
                both,
                production,
                candidate,
                readTexts(in));
    }

    private static void write(DataOutputStream out, Answer answer) throws IOException {
        writeNumber(out, answer.score());
        writeText(out, answer.label());
        out.writeShort(answer.probabilities().size());
        for (Map.Entry<String, Double> probability : answer.probabilities().entrySet()) {
            out.writeUTF(probability.getKey());
            out.writeDouble(probability.getValue());
        }
    }

    private static Answer readAnswer(DataInputStream in) throws IOException {
        Double score = readNumber(in);
        String label = readText(in);
        int n = in.readUnsignedShort();
        Map<String, Double> probabilities = new LinkedHashMap<>();
        for (int i = 0; i < n; i++) {
            probabilities.put(in.readUTF(), in.readDouble());
        }
        return new Answer(false, score, label, probabilities, 0);
    }

    private static void writeTexts(DataOutputStream out, List<String> texts) throws IOException {
        out.writeShort(texts.size());
        for (String text : texts) {
            out.writeUTF(text);
        }
    }

    private static List<String> readTexts(DataInputStream in) throws IOException {
        int n = in.readUnsignedShort();
        List<String> texts = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
            texts.add(in.readUTF());
        }
        return texts;
    }

    private static void writeText(DataOutputStream out, @Nullable String text) throws IOException {
        out.writeBoolean(text != null);
        if (text != null) {
            out.writeUTF(text);
        }
    }

    private static @Nullable String readText(DataInputStream in) throws IOException {
        return in.readBoolean() ? in.readUTF() : null;
    }

    private static void writeNumber(DataOutputStream out, @Nullable Double number) throws IOException {
        out.writeBoolean(number != null);
        if (number != null) {
            out.writeDouble(number);
        }
    }

    private static @Nullable Double readNumber(DataInputStream in) throws IOException {
        return in.readBoolean() ? in.readDouble() : null;
    }
}
