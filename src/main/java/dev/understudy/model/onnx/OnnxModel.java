package dev.understudy.model.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import dev.understudy.domain.Features;
import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.RowResult;
import dev.understudy.model.BatchScorer;
import dev.understudy.model.ModelCalls;
import dev.understudy.model.ModelException;
import dev.understudy.model.ModelSignature;
import dev.understudy.model.ScoredBatch;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * A model in ONNX Runtime. One session serves all threads; each call borrows its own buffers.
 *
 * <p>A row's answer does not depend on the rows that it is scored with, to the last bit: see {@link BatchRule}.
 */
public final class OnnxModel implements BatchScorer {
    static final String FILE_NAME = "model.onnx";

    private final ModelVersion version;
    private final ModelFiles files;
    private final OrtSession session;
    private final InputLayout layout;
    private final AnswerReader answers;
    private final BatchRule rule;
    private final List<SignatureReader.Seen> outputs;
    private final UnknownFeatures unknownFeatures;
    private final Queue<CallBuffers> idle = new ConcurrentLinkedQueue<>();
    private final Map<Thread, CallBuffers> inFlight = new ConcurrentHashMap<>();
    private final ReadWriteLock life = new ReentrantReadWriteLock();
    private boolean closed;

    private OnnxModel(
            ModelVersion version,
            ModelFiles files,
            OrtSession session,
            InputLayout layout,
            AnswerReader answers,
            BatchRule rule,
            List<SignatureReader.Seen> outputs,
            UnknownFeatures unknownFeatures) {
        this.version = version;
        this.files = files;
        this.session = session;
        this.layout = layout;
        this.answers = answers;
        this.rule = rule;
        this.outputs = outputs;
        this.unknownFeatures = unknownFeatures;
    }

    /**
     * An answer with everything that the model gave.
     *
     * @param outputs by the model's output names, as numbers, texts, booleans, lists and maps; empty if the row failed
     */
    public record FullAnswer(RowResult result, Map<String, Object> outputs) {}

    /**
     * Opens what a person points at: a version's directory, or an {@code .onnx} file (with the {@code model.yaml}
     * beside it, if there is one).
     */
    public static OnnxModel open(Path path, OnnxSettings settings) throws ModelException {
        Path file = Files.isDirectory(path) ? path.resolve(FILE_NAME) : path;
        if (Files.isDirectory(path) && !Files.exists(file)) {
            throw new ModelException(path + " has no " + FILE_NAME
                    + "; give the directory of one version, such as models/fraud/v1, or an .onnx file");
        }
        if (!Files.exists(file)) {
            throw new ModelException(file
                    + " does not exist; give the directory of one version, such as models/fraud/v1, or an .onnx file");
        }
        Path absolute = file.toAbsolutePath().normalize();
        Path folder = absolute.getParent();
        String name = file.endsWith(FILE_NAME) && folder != null && folder.getFileName() != null
                ? folder.getFileName().toString()
                : Objects.requireNonNull(absolute.getFileName()).toString().replaceFirst("\\.onnx$", "");
        ModelVersion version = ModelVersion.parse(name).orElse(new ModelVersion("model"));
        return load(ModelFiles.read(file), version, settings);
    }

    static OnnxModel load(ModelFiles files, ModelVersion version, OnnxSettings settings) throws ModelException {
        OrtEnvironment environment = OnnxEnvironment.get();
        OrtSession session = null;
        boolean done = false;
        try {
            session = session(environment, files);
            SignatureReader reader = new SignatureReader(files.model(), session, files.card(), files.graph());
            SignatureReader.Inputs inputs = reader.inputs();
            InputLayout layout = new InputLayout(inputs.tensors(), files.card().missingIsNan());
            Trial trial = new Trial(environment, session, layout, files, inputs.fixedRows(), reader.readableOutputs());
            Trial.Outcome outcome = trial.run();
            List<SignatureReader.Seen> outputs = reader.outputs(outcome.outputs(), outcome.rows());
            AnswerReader answers = reader.answers(inputs.tensors(), outputs);
            OnnxModel model = new OnnxModel(
                    version, files, session, layout, answers, outcome.rule(), outputs, settings.unknownFeatures());
            model.warmUp(outcome);
            done = true;
            return model;
        } catch (OrtException unusable) {
            throw new ModelException(
                    files.model() + " cannot be loaded: " + unusable.getMessage()
                            + ". A complete ONNX file that ONNX Runtime " + environment.getVersion()
                            + " can read is expected",
                    unusable);
        } finally {
            if (!done && session != null) {
                closeQuietly(session);
            }
        }
    }

    private static OrtSession session(OrtEnvironment environment, ModelFiles files) throws OrtException {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            // The stage's threads are the parallelism: more threads inside a call cost 1.7 times the CPU.
            options.setIntraOpNumThreads(1);
            options.setInterOpNumThreads(1);
            // Bytes can be a model in two formats at once; the one that is run is the one that ModelFiles looked at.
            options.addConfigEntry("session.load_model_format", "ONNX");
            options.addConfigEntry("session.intra_op.allow_spinning", "0");
            options.addConfigEntry("session.inter_op.allow_spinning", "0");
            // Errors come back as exceptions; ONNX Runtime's own log may show feature values.
            options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
            byte[] bytes = files.bytes();
            return bytes == null
                    ? environment.createSession(files.model().toString(), options)
                    : environment.createSession(bytes, options);
        }
    }

    /** One call the way that requests will take, so that the first of them does not pay for it. */
    private void warmUp(Trial.Outcome outcome) throws ModelException {
        if (outcome.passed()) {
            ScoredBatch warm = score(List.of(Trial.row(layout, outcome.filling(), 0)));
            if (!(warm.results().get(0) instanceof RowResult.Scored)) {
                throw new ModelException(
                        files.model() + " cannot be used: it answers once, but not with the shapes of its"
                                + " outputs then: " + warm.results());
            }
        }
    }

    @Override
    public ModelVersion version() {
        return version;
    }

    @Override
    public String sha256() {
        return files.sha256();
    }

    @Override
    public ModelSignature signature() {
        return answers.signature();
    }

    /** Size of the model file in bytes, with its external weights. */
    public long sizeBytes() {
        return files.sizeBytes();
    }

    /** The model file. */
    public Path path() {
        return files.model();
    }

    /** How many rows a call takes, and why. */
    public BatchRule batchRule() {
        return rule;
    }

    @Override
    public ScoredBatch score(List<? extends Features> rows) {
        RowResult[] results = new RowResult[rows.size()];
        life.readLock().lock();
        try {
            if (closed) {
                Arrays.fill(results, failed("version " + version + " is closed"));
                return new ScoredBatch(Arrays.asList(results), 0, 0);
            }
            Totals totals = new Totals();
            scoreAll(rows, results, null, totals);
            return new ScoredBatch(Arrays.asList(results), totals.nanos, totals.rows);
        } finally {
            life.readLock().unlock();
        }
    }

    @Override
    public BitSet fitting(List<? extends Features> rows) {
        BitSet fitting = new BitSet(rows.size());
        life.readLock().lock();
        try {
            if (closed) {
                return fitting;
            }
            CallBuffers buffers = borrow();
            try {
                buffers.ensureCapacity(rule.leastRows());
                for (int row = 0; row < rows.size(); row++) {
                    fitting.set(row, buffers.input().write(0, rows.get(row)) == null);
                }
            } finally {
                idle.add(buffers);
            }
            return fitting;
        } finally {
            life.readLock().unlock();
        }
    }

    /**
     * Scores rows and keeps all outputs, for people who try a model: slower than {@link #score}. The same answers as
     * {@link ModelCalls#score} gives; a row that the model refuses fails alone.
     */
    public List<FullAnswer> scoreWithOutputs(List<? extends Features> rows) {
        return ModelCalls.isolating(rows, this::callWithOutputs, answer -> ModelCalls.isModelFailure(answer.result()));
    }

    private List<FullAnswer> callWithOutputs(List<? extends Features> rows) {
        life.readLock().lock();
        try {
            if (closed) {
                throw new IllegalStateException("version " + version + " is closed");
            }
            RowResult[] results = new RowResult[rows.size()];
            List<Map<String, Object>> outputsByRow = new ArrayList<>();
            for (int row = 0; row < results.length; row++) {
                outputsByRow.add(Map.of());
            }
            scoreAll(rows, results, outputsByRow, new Totals());
            List<FullAnswer> full = new ArrayList<>();
            for (int row = 0; row < results.length; row++) {
                full.add(new FullAnswer(results[row], outputsByRow.get(row)));
            }
            return full;
        } finally {
            life.readLock().unlock();
        }
    }

    private static final class Totals {
        long nanos;
        int rows;
    }

    private void scoreAll(
            List<? extends Features> rows,
            RowResult[] results,
            @Nullable List<Map<String, Object>> outputsByRow,
            Totals totals) {
        CallBuffers buffers = borrow();
        Thread caller = Thread.currentThread();
        inFlight.put(caller, buffers);
        try {
            for (int from = 0; from < results.length; from += rule.mostRows()) {
                int to = Math.min(results.length, from + rule.mostRows());
                scoreChunk(buffers, rows.subList(from, to), from, results, outputsByRow, totals);
            }
        } finally {
            inFlight.remove(caller);
            buffers.setEnding(false);
            idle.add(buffers);
        }
    }

    @Override
    public void endCallOf(Thread caller) {
        // Within the map's lock on the key, so that the buffers are not another call's already.
        inFlight.computeIfPresent(caller, (thread, buffers) -> {
            buffers.setEnding(true);
            return buffers;
        });
    }

    private void scoreChunk(
            CallBuffers buffers,
            List<? extends Features> rows,
            int offset,
            RowResult[] results,
            @Nullable List<Map<String, Object>> outputsByRow,
            Totals totals) {
        InputBuffers input = buffers.input();
        buffers.ensureCapacity(Math.max(rows.size(), rule.leastRows()));
        int[] resultOfRow = new int[rows.size()];
        int good = 0;
        for (int i = 0; i < resultOfRow.length; i++) {
            RowResult.Failed failure = input.write(good, rows.get(i));
            if (failure == null) {
                resultOfRow[good++] = offset + i;
            } else {
                results[offset + i] = failure;
            }
        }
        if (good == 0) {
            return;
        }
        totals.rows += good;
        try {
            call(buffers, good, resultOfRow, results, outputsByRow, totals);
        } catch (OrtException callFailed) {
            RowResult.Failed failure = failed(describe(callFailed));
            for (int row = 0; row < good; row++) {
                results[resultOfRow[row]] = failure;
            }
        }
    }

    private void call(
            CallBuffers buffers,
            int rows,
            int[] resultOfRow,
            RowResult[] results,
            @Nullable List<Map<String, Object>> outputsByRow,
            Totals totals)
            throws OrtException {
        int callRows = Math.max(rows, rule.leastRows());
        for (int row = rows; row < callRows; row++) {
            buffers.input().repeat(0, row);
        }
        Map<String, OutputValues> values;
        try {
            values = outputsByRow == null ? buffers.run(callRows) : buffers.runAll(callRows);
        } finally {
            totals.nanos += buffers.lastNanos();
        }
        OutputValues labels = answers.label() == null ? null : values.get(answers.label());
        OutputValues numbers = answers.main() == null ? null : values.get(answers.main());
        for (int row = 0; row < rows; row++) {
            results[resultOfRow[row]] = answers.read(row, labels, numbers);
        }
        if (outputsByRow != null) {
            for (int row = 0; row < rows; row++) {
                Map<String, Object> plain = new LinkedHashMap<>();
                for (Map.Entry<String, OutputValues> output : values.entrySet()) {
                    plain.put(output.getKey(), output.getValue().plain(row));
                }
                outputsByRow.set(resultOfRow[row], plain);
            }
        }
    }

    private CallBuffers borrow() {
        CallBuffers free = idle.poll();
        return free != null
                ? free
                : new CallBuffers(
                        OnnxEnvironment.get(),
                        session,
                        new InputBuffers(OnnxEnvironment.get(), layout, unknownFeatures, rule.mostRows()),
                        outputs,
                        answers);
    }

    private RowResult.Failed failed(String what) {
        return new RowResult.Failed("MODEL_FAILED", what);
    }

    /** What ONNX Runtime says up to where it may quote a value: "... while running Gather node. Name:'x'". */
    private static String describe(OrtException failure) {
        String message = Objects.requireNonNullElse(
                failure.getMessage(), failure.getCode().toString());
        int details = message.indexOf("Status Message:");
        return "the model call failed: "
                + (details < 0
                        ? failure.getCode().toString()
                        : message.substring(0, details).strip());
    }

    /** Waits for calls in flight; a call that hangs keeps its session, since closing it would crash the process. */
    @Override
    public void close() {
        Lock exclusive = life.writeLock();
        boolean idleNow;
        try {
            idleNow = exclusive.tryLock(10, TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return;
        }
        if (!idleNow) {
            return;
        }
        try {
            if (closed) {
                return;
            }
            closed = true;
            for (CallBuffers buffers = idle.poll(); buffers != null; buffers = idle.poll()) {
                buffers.close();
            }
            closeQuietly(session);
        } finally {
            exclusive.unlock();
        }
    }

    private static void closeQuietly(OrtSession session) {
        try {
            session.close();
        } catch (OrtException alreadyGone) {
            throw new IllegalStateException("the session could not be closed", alreadyGone);
        }
    }
}
