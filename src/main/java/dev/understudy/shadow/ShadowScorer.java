package dev.understudy.shadow;

import dev.understudy.domain.Features;
import dev.understudy.domain.ForkTarget;
import dev.understudy.domain.ForkedRequest;
import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.RowResult;
import dev.understudy.domain.Task;
import dev.understudy.domain.VersionAnswer;
import dev.understudy.kafka.BatchWork;
import dev.understudy.model.BatchScorer;
import dev.understudy.model.ModelCalls;
import dev.understudy.model.ModelRepository;
import java.time.Duration;
import java.util.ArrayList;
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
 * served version is not asked again: what it answered is what the caller got. Used by all stream threads at once.
 */
public final class ShadowScorer implements BatchWork<ForkedRequest, ShadowedRequest> {
    private static final Duration LOOK_AGAIN = Duration.ofMillis(5);

    private final ModelRepository models;
    private final Duration loadTimeout;
    /** Versions that were waited for in vain, so that they are not waited for again, batch by batch. */
    private final Set<ModelVersion> givenUp = ConcurrentHashMap.newKeySet();

    /** @param loadTimeout how long a version may take to load before its requests count as failed */
    public ShadowScorer(ModelRepository models, Duration loadTimeout) {
        if (loadTimeout.isNegative() || loadTimeout.isZero()) {
            throw new IllegalArgumentException("shadow.load-timeout must be positive, was " + loadTimeout);
        }
        this.models = models;
        this.loadTimeout = loadTimeout;
    }

    @Override
    public List<ShadowedRequest> apply(List<ForkedRequest> rows, long polledNanos) {
        Map<ModelVersion, List<Integer>> rowsByVersion = new LinkedHashMap<>();
        List<Map<ModelVersion, VersionAnswer>> answers = new ArrayList<>(rows.size());
        for (int row = 0; row < rows.size(); row++) {
            ForkedRequest forked = rows.get(row);
            requireOwnModel(forked);
            Map<ModelVersion, VersionAnswer> known = new HashMap<>();
            known.put(forked.served().version(), forked.served());
            answers.add(known);
            for (ForkTarget target : forked.targets()) {
                ask(target.production(), row, known, rowsByVersion);
                ask(target.candidate(), row, known, rowsByVersion);
            }
        }
        Map<ModelVersion, Optional<BatchScorer>> scorers = new HashMap<>();
        rowsByVersion.forEach((version, indexes) -> {
            List<VersionAnswer> given = answer(
                    version,
                    scorers.computeIfAbsent(version, this::awaitReady),
                    indexes.stream()
                            .map(row -> rows.get(row).request().features())
                            .toList());
            for (int i = 0; i < indexes.size(); i++) {
                answers.get(indexes.get(i)).put(version, given.get(i));
            }
        });
        List<ShadowedRequest> results = new ArrayList<>(rows.size());
        for (int row = 0; row < rows.size(); row++) {
            Map<ModelVersion, VersionAnswer> known = answers.get(row);
            results.add(new ShadowedRequest(
                    rows.get(row),
                    rows.get(row).targets().stream()
                            .map(target -> new ShadowedTarget(
                                    target,
                                    task(target, scorers),
                                    Objects.requireNonNull(known.get(target.production())),
                                    Objects.requireNonNull(known.get(target.candidate()))))
                            .toList()));
        }
        return results;
    }

    private void requireOwnModel(ForkedRequest forked) {
        if (!forked.model().equals(models.model())) {
            throw new IllegalArgumentException("a shadow request of model '" + forked.model()
                    + "' cannot be scored: this pipeline runs model '" + models.model() + "'");
        }
    }

    private static void ask(
            ModelVersion version,
            int row,
            Map<ModelVersion, VersionAnswer> known,
            Map<ModelVersion, List<Integer>> rowsByVersion) {
        if (known.containsKey(version)) {
            return;
        }
        List<Integer> rows = rowsByVersion.computeIfAbsent(version, key -> new ArrayList<>());
        if (rows.isEmpty() || rows.get(rows.size() - 1) != row) {
            rows.add(row);
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
                                + models.failure(version).orElse("not within shadow.load-timeout=" + loadTimeout)),
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
            if (System.nanoTime() - start > loadTimeout.toNanos()
                    || Thread.currentThread().isInterrupted()) {
                givenUp.add(version);
                return Optional.empty();
            }
            LockSupport.parkNanos(LOOK_AGAIN.toNanos());
        }
    }

    /** One of the two was asked, or both were; only if that one could not be loaded is the served one needed. */
    private @Nullable Task task(ForkTarget target, Map<ModelVersion, Optional<BatchScorer>> scorers) {
        return asked(target.candidate(), scorers)
                .or(() -> asked(target.production(), scorers))
                .or(() -> scorers.computeIfAbsent(target.production(), this::awaitReady))
                .or(() -> scorers.computeIfAbsent(target.candidate(), this::awaitReady))
                .map(scorer -> scorer.signature().task())
                .orElse(null);
    }

    private static Optional<BatchScorer> asked(ModelVersion version, Map<ModelVersion, Optional<BatchScorer>> scorers) {
        return scorers.getOrDefault(version, Optional.empty());
    }
}
