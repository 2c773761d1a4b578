package dev.understudy.shadow;

import dev.understudy.domain.DurationText;
import dev.understudy.domain.Features;
import dev.understudy.domain.ForkTarget;
import dev.understudy.domain.ForkedRequest;
import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.RowResult;
import dev.understudy.domain.VersionAnswer;
import dev.understudy.kafka.BatchWork;
import dev.understudy.model.BatchScorer;
import dev.understudy.model.ModelCalls;
import dev.understudy.model.ModelRepository;
import dev.understudy.model.ModelSignature;
import dev.understudy.model.ScoredBatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Scores forked requests with the versions that they are to be compared on, all rows of a version in one model call. The
 * served version's answer stays what the caller got; it is called again only to compare latency like for like, on a share
 * of the batches. Used by all stream threads at once.
 *
 * <p>A row's answers do not depend on the rows beside it; which row carries the times of a batch does.
 */
public final class ShadowScorer implements BatchWork<ForkedRequest, ShadowedRequest> {
    private static final Duration LOOK_AGAIN = Duration.ofMillis(5);
    /** Of the draw of batches: any number does. */
    private static final long SEED = 1;

    private final ModelRepository models;
    private final ShadowSettings settings;
    private final LikeForLikeTrials trials;
    private final FeatureTexts featureTexts;
    /** Versions that were waited for in vain, so that they are not waited for again, batch by batch. */
    private final Set<ModelVersion> givenUp = ConcurrentHashMap.newKeySet();
    /** Of targets whose versions were both loaded; a loaded version stays as it is. */
    private final Map<ForkTarget, Optional<String>> mismatches = new ConcurrentHashMap<>();

    public ShadowScorer(ModelRepository models, ShadowSettings settings) {
        this.models = models;
        this.settings = settings;
        this.trials = new LikeForLikeTrials(settings.likeForLikeShare(), SEED);
        this.featureTexts = new FeatureTexts(settings.disagreementFeatures());
    }

    @Override
    public List<ShadowedRequest> apply(List<ForkedRequest> rows, long polledNanos) {
        rows.forEach(this::requireOwnModel);
        Batch batch = new Batch(rows);
        batch.awaitVersions();
        batch.runTrials();
        batch.askVersions();
        return batch.results();
    }

    private void requireOwnModel(ForkedRequest forked) {
        if (!forked.model().equals(models.model())) {
            throw new IllegalArgumentException("a shadow request of model '" + forked.model()
                    + "' cannot be scored: this pipeline runs model '" + models.model() + "'");
        }
    }

    private List<VersionAnswer> answer(
            ModelVersion version, Optional<BatchScorer> scorer, List<? extends Features> rows) {
        if (scorer.isPresent()) {
            return ModelCalls.score(scorer.get(), rows);
        }
        VersionAnswer none = new VersionAnswer(
                version,
                new RowResult.Failed(
                        RowResult.Failed.MODEL_NOT_LOADED,
                        "version " + version + " of model " + models.model() + " could not be loaded: "
                                + models.failure(version)
                                        .orElse("not within shadow.load-timeout="
                                                + DurationText.format(settings.loadTimeout()))),
                0,
                0);
        return rows.stream().map(row -> none).toList();
    }

    /** The shadow path may fall behind, so it waits for a version that is being loaded; production never does. */
    private Optional<BatchScorer> awaitReady(ModelVersion version) {
        long start = System.nanoTime();
        while (true) {
            Optional<BatchScorer> ready = models.ifReady(version);
            if (ready.isPresent()) {
                givenUp.remove(version);
                return ready;
            }
            if (givenUp.contains(version) || models.failure(version).isPresent()) {
                return Optional.empty();
            }
            if (System.nanoTime() - start > settings.loadTimeout().toNanos()
                    || Thread.currentThread().isInterrupted()) {
                givenUp.add(version);
                return Optional.empty();
            }
            LockSupport.parkNanos(LOOK_AGAIN.toNanos());
        }
    }

    /** The work on one batch; lists run along its rows. */
    private final class Batch {
        private final List<ForkedRequest> rows;
        private final List<Map<ModelVersion, VersionAnswer>> answers;
        private final Map<ForkTarget, List<Integer>> rowsByTarget = new LinkedHashMap<>();
        private final Map<ModelVersion, Optional<BatchScorer>> scorers = new HashMap<>();
        private final Map<ForkTarget, TimedRow> timedRows = new HashMap<>();

        /** The row that carries the times of its batch. */
        private record TimedRow(int row, BatchTimes times) {}

        Batch(List<ForkedRequest> rows) {
            this.rows = rows;
            this.answers = new ArrayList<>(rows.size());
            for (int row = 0; row < rows.size(); row++) {
                ForkedRequest forked = rows.get(row);
                Map<ModelVersion, VersionAnswer> known = new HashMap<>();
                known.put(forked.served().version(), forked.served());
                answers.add(known);
                for (ForkTarget target : forked.targets()) {
                    addOnce(row, rowsByTarget.computeIfAbsent(target, first -> new ArrayList<>()));
                }
            }
        }

        /** Only the versions that did not serve: a call of the served one must not make anybody wait. */
        void awaitVersions() {
            for (ModelVersion version : unanswered().keySet()) {
                scorers.put(version, awaitReady(version));
            }
        }

        void runTrials() {
            rowsByTarget.forEach((target, indexes) -> {
                if (trials.isDue()) {
                    ready(target.production())
                            .ifPresent(production -> ready(target.candidate())
                                    .ifPresent(candidate -> runTrial(target, indexes, production, candidate)));
                }
            });
        }

        private void runTrial(ForkTarget target, List<Integer> indexes, BatchScorer production, BatchScorer candidate) {
            List<Features> features = features(indexes);
            BitSet fitting = production.fitting(features);
            fitting.and(candidate.fitting(features));
            if (fitting.isEmpty()) {
                return;
            }
            List<Integer> chosen = fitting.stream().mapToObj(indexes::get).toList();
            List<Features> same = features(chosen);
            LikeForLikeTrials.Trial trial = trials.run(target, production, candidate, same);
            timedRows.put(target, new TimedRow(chosen.get(0), trial.times()));
            take(production, trial.production(), chosen, same);
            take(candidate, trial.candidate(), chosen, same);
        }

        /** The answers of a trial's call, where they are still wanted. */
        private void take(BatchScorer scorer, ScoredBatch made, List<Integer> indexes, List<Features> features) {
            ModelVersion version = scorer.version();
            if (indexes.stream().allMatch(row -> answers.get(row).containsKey(version))) {
                return;
            }
            List<VersionAnswer> given = ModelCalls.answers(scorer, features, made);
            for (int i = 0; i < indexes.size(); i++) {
                answers.get(indexes.get(i)).putIfAbsent(version, given.get(i));
            }
        }

        void askVersions() {
            unanswered().forEach((version, indexes) -> {
                List<VersionAnswer> given =
                        answer(version, scorers.getOrDefault(version, Optional.empty()), features(indexes));
                for (int i = 0; i < indexes.size(); i++) {
                    answers.get(indexes.get(i)).put(version, given.get(i));
                }
            });
        }

        List<ShadowedRequest> results() {
            Map<ForkTarget, ShadowedTarget.Models> described = new HashMap<>();
            rowsByTarget.keySet().forEach(target -> described.put(target, describe(target)));
            List<ShadowedRequest> results = new ArrayList<>(rows.size());
            for (int row = 0; row < rows.size(); row++) {
                Map<ModelVersion, VersionAnswer> known = answers.get(row);
                ForkedRequest forked = rows.get(row);
                List<ShadowedTarget> targets = new ArrayList<>(forked.targets().size());
                for (ForkTarget target : forked.targets()) {
                    VersionAnswer production = Objects.requireNonNull(known.get(target.production()));
                    VersionAnswer candidate = Objects.requireNonNull(known.get(target.candidate()));
                    boolean compared = production.result() instanceof RowResult.Scored
                            && candidate.result() instanceof RowResult.Scored;
                    targets.add(new ShadowedTarget(
                            target,
                            Objects.requireNonNull(described.get(target)),
                            production,
                            candidate,
                            times(target, row),
                            compared ? featureTexts.of(forked.request().features()) : Map.of()));
                }
                results.add(new ShadowedRequest(forked, targets));
            }
            return results;
        }

        private @Nullable BatchTimes times(ForkTarget target, int row) {
            TimedRow timed = timedRows.get(target);
            return timed != null && timed.row == row ? timed.times : null;
        }

        /** What the loaded versions say; only where none of those asked could be loaded is the served one waited for. */
        private ShadowedTarget.Models describe(ForkTarget target) {
            Optional<ModelSignature> production = ready(target.production()).map(BatchScorer::signature);
            Optional<ModelSignature> candidate = ready(target.candidate()).map(BatchScorer::signature);
            Optional<ModelSignature> known = candidate
                    .or(() -> production)
                    .or(() -> awaited(target.production()))
                    .or(() -> awaited(target.candidate()));
            String mismatch = production.isEmpty() || candidate.isEmpty()
                    ? null
                    : mismatches
                            .computeIfAbsent(
                                    target, first -> Signatures.mismatch(target, production.get(), candidate.get()))
                            .orElse(null);
            return new ShadowedTarget.Models(
                    known.map(ModelSignature::task).orElse(null),
                    known.map(ModelSignature::classesPositiveSecond).orElse(List.of()),
                    mismatch);
        }

        private Optional<ModelSignature> awaited(ModelVersion version) {
            return scorers.computeIfAbsent(version, ShadowScorer.this::awaitReady)
                    .map(BatchScorer::signature);
        }

        /** The version if it is loaded; else it is being loaded after this. */
        private Optional<BatchScorer> ready(ModelVersion version) {
            Optional<BatchScorer> awaited = scorers.getOrDefault(version, Optional.empty());
            return awaited.isPresent() ? awaited : models.ifReady(version);
        }

        /** Rows without an answer of a version that one of their targets names. */
        private Map<ModelVersion, List<Integer>> unanswered() {
            Map<ModelVersion, List<Integer>> unanswered = new LinkedHashMap<>();
            for (int row = 0; row < rows.size(); row++) {
                for (ForkTarget target : rows.get(row).targets()) {
                    addUnanswered(target.production(), row, unanswered);
                    addUnanswered(target.candidate(), row, unanswered);
                }
            }
            return unanswered;
        }

        private void addUnanswered(ModelVersion version, int row, Map<ModelVersion, List<Integer>> unanswered) {
            if (!answers.get(row).containsKey(version)) {
                addOnce(row, unanswered.computeIfAbsent(version, first -> new ArrayList<>()));
            }
        }

        private List<Features> features(List<Integer> indexes) {
            return indexes.stream()
                    .map(row -> rows.get(row).request().features())
                    .toList();
        }
    }

    /** Rows come in order, so that one that was added is the last. */
    private static void addOnce(int row, List<Integer> rows) {
        if (rows.isEmpty() || rows.get(rows.size() - 1) != row) {
            rows.add(row);
        }
    }
}
