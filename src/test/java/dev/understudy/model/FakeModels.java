package dev.understudy.model;

import dev.understudy.domain.Features;
import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.RowResult;
import dev.understudy.domain.Task;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Predicate;

/** Versions of the model {@code fraud} that a test makes up. */
public final class FakeModels implements ModelRepository {
    private final Map<ModelVersion, FakeScorer> ready = new ConcurrentHashMap<>();
    private final Map<ModelVersion, String> failures = new ConcurrentHashMap<>();

    /** A version that answers each row with the function and remembers the sizes of its calls. */
    public static final class FakeScorer implements BatchScorer {
        private final ModelVersion version;
        private final Function<List<? extends Features>, List<RowResult>> answer;
        public final List<Integer> calls = new ArrayList<>();
        private volatile ModelSignature signature =
                new ModelSignature(Task.BINARY, List.of(), List.of(), List.of("0", "1"), 1, null);
        private volatile long nanosPerRow = 1_000;
        private volatile Predicate<Features> fits = row -> true;
        private volatile Runnable onCall = () -> {};
        private volatile Runnable onEnd = () -> {};

        FakeScorer(ModelVersion version, Function<List<? extends Features>, List<RowResult>> answer) {
            this.version = version;
            this.answer = answer;
        }

        @Override
        public ModelVersion version() {
            return version;
        }

        @Override
        public String sha256() {
            return "0".repeat(64);
        }

        @Override
        public ModelSignature signature() {
            return signature;
        }

        /** Says that it is a model of that task, with the classes in that order. */
        public FakeScorer is(Task task, int positive, String... classes) {
            signature = new ModelSignature(task, List.of(), List.of(), List.of(classes), positive, null);
            return this;
        }

        public FakeScorer takes(long nanos) {
            nanosPerRow = nanos;
            return this;
        }

        /** Which rows fit; the others fail alone, before a call, with {@code MISSING_FEATURE}. */
        public FakeScorer takesOnly(Predicate<Features> rows) {
            fits = rows;
            return this;
        }

        public FakeScorer onCall(Runnable listener) {
            onCall = listener;
            return this;
        }

        @Override
        public ScoredBatch score(List<? extends Features> rows) {
            synchronized (calls) {
                calls.add(rows.size());
            }
            onCall.run();
            BitSet fitting = fitting(rows);
            List<RowResult> scored =
                    answer.apply(fitting.stream().mapToObj(rows::get).toList());
            List<RowResult> results = new ArrayList<>(scored);
            for (int row = fitting.nextClearBit(0); row < rows.size(); row = fitting.nextClearBit(row + 1)) {
                results.add(row, new RowResult.Failed("MISSING_FEATURE", "a feature is missing"));
            }
            return new ScoredBatch(results, nanosPerRow * fitting.cardinality(), fitting.cardinality());
        }

        @Override
        public BitSet fitting(List<? extends Features> rows) {
            BitSet fitting = new BitSet(rows.size());
            for (int row = 0; row < rows.size(); row++) {
                fitting.set(row, fits.test(rows.get(row)));
            }
            return fitting;
        }

        @Override
        public void endCallOf(Thread caller) {
            onEnd.run();
        }

        /** What ends a call of it that takes long. */
        public FakeScorer onEnd(Runnable listener) {
            onEnd = listener;
            return this;
        }

        @Override
        public void close() {}
    }

    /** Answers every row with that score. */
    public FakeScorer serve(String version, double score) {
        return serve(
                version,
                rows -> rows.stream()
                        .<RowResult>map(row -> new RowResult.Scored(score, score >= 0.5 ? "1" : "0", Map.of(), null))
                        .toList());
    }

    public FakeScorer serve(String version, Function<List<? extends Features>, List<RowResult>> answer) {
        ModelVersion name = new ModelVersion(version);
        FakeScorer scorer = new FakeScorer(name, answer);
        failures.remove(name);
        ready.put(name, scorer);
        return scorer;
    }

    /** Fails every call as a whole. */
    public FakeScorer serveBroken(String version) {
        return serve(version, rows -> rows.stream().map(row -> broken()).toList());
    }

    public static RowResult broken() {
        return new RowResult.Failed(RowResult.Failed.MODEL_FAILED, "the call failed");
    }

    public void failToLoad(String version, String why) {
        failures.put(new ModelVersion(version), why);
    }

    public void remove(String version) {
        ready.remove(new ModelVersion(version));
    }

    @Override
    public String model() {
        return "fraud";
    }

    @Override
    public List<ModelVersion> versions() {
        return List.copyOf(ready.keySet());
    }

    @Override
    public BatchScorer load(ModelVersion version) throws ModelException {
        return ifReady(version).orElseThrow(() -> new ModelException("there is no version " + version));
    }

    @Override
    public Optional<BatchScorer> ifReady(ModelVersion version) {
        return Optional.ofNullable(ready.get(version));
    }

    @Override
    public Optional<String> failure(ModelVersion version) {
        return Optional.ofNullable(failures.get(version));
    }

    @Override
    public void close() {}
}
