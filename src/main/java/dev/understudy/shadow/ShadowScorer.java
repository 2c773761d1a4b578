package dev.understudy.shadow;

import dev.understudy.domain.ForkTarget;
import dev.understudy.domain.ForkedRequest;
import dev.understudy.domain.ModelVersion;
import dev.understudy.kafka.BatchWork;
import dev.understudy.model.BatchScorer;
import dev.understudy.model.ModelRepository;
import dev.understudy.model.ModelSignature;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Scores forked requests with the versions that they are to be compared on, all rows of a version in one model call. The
 * served version's answer stays what the caller got; it is called again only to compare latency like for like, on a share
 * of the batches. Used by all stream threads at once.
 *
 * <p>A row's answers do not depend on the rows beside it; which row carries the times of a batch does.
 */
public final class ShadowScorer implements BatchWork<ForkedRequest, ShadowedRequest> {
    private static final Logger LOG = LoggerFactory.getLogger(ShadowScorer.class);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(5);
    /** Of the draw of batches: any number does. */
    private static final long SEED = 1;

    private final ModelRepository models;
    private final ShadowSettings settings;
    private final CallGuard guard;
    private final InstantSource clock;
    private final LikeForLikeTrials trials;
    private final FeatureTexts featureTexts;
    private final Shedding shedding;
    /** Versions that were waited for in vain, so that they are not waited for again, batch by batch. */
    private final Set<ModelVersion> givenUp = ConcurrentHashMap.newKeySet();
    /** Of targets whose versions were both loaded; a loaded version stays as it is. */
    private final Map<ForkTarget, Optional<String>> mismatches = new ConcurrentHashMap<>();

    /** Why a version is not asked, as it was logged last. */
    private final Map<ModelVersion, String> warned = new ConcurrentHashMap<>();

    /** @param guard stands between the models and this process, also while they are loaded */
    public ShadowScorer(ModelRepository models, ShadowSettings settings, CallGuard guard, InstantSource clock) {
        this.models = models;
        this.settings = settings;
        this.guard = guard;
        this.clock = clock;
        this.trials = new LikeForLikeTrials(settings.likeForLikeShare(), SEED);
        this.featureTexts = new FeatureTexts(settings.disagreementFeatures());
        this.shedding = new Shedding(settings.lagBudget(), System.nanoTime());
    }

    void warnOnce(ModelVersion version, String why) {
        if (!why.equals(warned.put(version, why))) {
            LOG.warn("stage=shadow its comparisons are FAILED: {}", why);
        }
    }

    @Override
    public List<ShadowedRequest> apply(List<ForkedRequest> rows, long polledNanos) {
        rows.forEach(this::requireOwnModel);
        rows.stream()
                .mapToLong(ForkedRequest::forkedAtMillis)
                .filter(millis -> millis > 0)
                .min()
                .ifPresent(oldest -> shedding.observe(Duration.ofMillis(clock.millis() - oldest), System.nanoTime()));
        ShadowBatch batch = new ShadowBatch(this, rows);
        try {
            batch.awaitVersions();
            batch.runTrial();
            batch.askVersions();
            return batch.results();
        } finally {
            batch.report();
        }
    }

    private void requireOwnModel(ForkedRequest forked) {
        if (!forked.model().equals(models.model())) {
            throw new IllegalArgumentException("a shadow request of model '" + forked.model()
                    + "' cannot be scored: this pipeline runs model '" + models.model() + "'");
        }
    }

    ModelRepository models() {
        return models;
    }

    ShadowSettings settings() {
        return settings;
    }

    CallGuard guard() {
        return guard;
    }

    LikeForLikeTrials trials() {
        return trials;
    }

    FeatureTexts featureTexts() {
        return featureTexts;
    }

    Shedding shedding() {
        return shedding;
    }

    /** The shadow path may fall behind, so it waits for a version that is being loaded; production never does. */
    Optional<BatchScorer> awaitReady(ModelVersion version) {
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

    Optional<String> mismatch(ForkTarget target, ModelSignature production, ModelSignature candidate) {
        return mismatches.computeIfAbsent(target, first -> Signatures.mismatch(target, production, candidate));
    }
}
