package dev.understudy.score;

import dev.understudy.domain.DeclaredStage;
import dev.understudy.domain.Features;
import dev.understudy.domain.ForkTarget;
import dev.understudy.domain.ModelPair;
import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.Request;
import dev.understudy.domain.RoutingDecision;
import dev.understudy.domain.RowResult;
import dev.understudy.domain.StageBook;
import dev.understudy.domain.VersionAnswer;
import dev.understudy.flags.ModelFlags;
import dev.understudy.flags.Routing;
import dev.understudy.kafka.BatchWork;
import dev.understudy.model.BatchScorer;
import dev.understudy.model.ModelCalls;
import dev.understudy.model.ModelRepository;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers requests: asks the flags who serves, scores all requests of one version in one model call, falls back where a
 * version cannot serve, and says what is to be compared in shadow. Used by all stream threads at once.
 */
public final class RequestScorer implements BatchWork<Request, ScoredRequest> {
    private static final Logger LOG = LoggerFactory.getLogger(RequestScorer.class);

    private static final String FALLBACK_NOT_READY = "FALLBACK_NOT_READY";
    private static final String FALLBACK_MODEL_FAILED = "FALLBACK_MODEL_FAILED";
    /** Counted from the start, at zero: what rises is seen only by who saw it before. */
    private static final List<String> KNOWN_CAUSES = List.of(
            FALLBACK_NOT_READY,
            FALLBACK_MODEL_FAILED,
            RowResult.Failed.NO_MODEL,
            RowResult.Failed.MODEL_FAILED,
            RowResult.Failed.MISSING_FEATURE,
            RowResult.Failed.WRONG_TYPE,
            RowResult.Failed.WRONG_LENGTH,
            RowResult.Failed.OUT_OF_RANGE,
            RowResult.Failed.DUPLICATE_FEATURE);

    private final ModelFlags flags;
    private final ModelRepository models;
    private final StageBook stages;
    private final HangWatchdog watchdog;
    private final LongSupplier nanoTime;
    private final InstantSource clock;
    private final AtomicReference<@Nullable ModelVersion> lastGood = new AtomicReference<>();
    private volatile Optional<ModelVersion> spare = Optional.empty();
    private final Map<ModelVersion, String> warned = new ConcurrentHashMap<>();
    private final Map<String, LongAdder> causes = new ConcurrentHashMap<>();

    /** @param nanoTime usually {@link System#nanoTime} */
    public RequestScorer(
            ModelFlags flags,
            ModelRepository models,
            StageBook stages,
            HangWatchdog watchdog,
            LongSupplier nanoTime,
            InstantSource clock) {
        this.flags = flags;
        this.models = models;
        this.stages = stages;
        this.watchdog = watchdog;
        this.nanoTime = nanoTime;
        this.clock = clock;
        KNOWN_CAUSES.forEach(cause -> causes.put(cause, new LongAdder()));
    }

    /** Names the version that stands in while none has served yet, such as right after a start; it should be loaded. */
    public RequestScorer withSpare(ModelVersion version) {
        spare = Optional.of(version);
        return this;
    }

    /**
     * How many requests were not simply answered by the version that was asked, by cause: {@code FALLBACK_NOT_READY},
     * {@code FALLBACK_MODEL_FAILED}, and the codes of failed predictions. Known ones are there before they occur.
     */
    public Map<String, Long> causes() {
        Map<String, Long> counts = new TreeMap<>();
        causes.forEach((cause, count) -> counts.put(cause, count.sum()));
        return counts;
    }

    /** The time that it goes by. */
    InstantSource clock() {
        return clock;
    }

    @Override
    public List<ScoredRequest> apply(List<Request> requests, long polledNanos) {
        Batch batch = new Batch(requests, polledNanos);
        batch.route();
        batch.askVersions();
        batch.retryFailedCalls();
        return batch.results();
    }

    /** Says so when a version cannot serve, and not again before the reason is another one. */
    private void warnOnce(ModelVersion asked, ModelVersion serving) {
        models.failure(asked).ifPresent(reason -> {
            if (!reason.equals(warned.put(asked, reason))) {
                LOG.warn("stage=score model={} cannot serve, {} serves instead: {}", asked, serving, reason);
            }
        });
    }

    /** The work on one batch; its arrays run along the requests. */
    private final class Batch {
        private final List<Request> requests;
        private final long polledNanos;
        private final Collection<DeclaredStage> declared = stages.all();
        private final long epoch = stages.latestEpoch();
        // Once for all rows, so that a row pays nothing for it.
        private final @Nullable Instant flagsStaleSince =
                flags.health().staleSince().orElse(null);
        private final Routing[] routings;
        private final RoutingDecision[] decisions;
        private final VersionAnswer[] answers;
        private final boolean[] found;
        private final long[] queueNanos;

        Batch(List<Request> requests, long polledNanos) {
            int rows = requests.size();
            this.requests = requests;
            this.polledNanos = polledNanos;
            this.routings = new Routing[rows];
            this.decisions = new RoutingDecision[rows];
            this.answers = new VersionAnswer[rows];
            this.found = new boolean[rows];
            this.queueNanos = new long[rows];
        }

        void route() {
            for (int row = 0; row < requests.size(); row++) {
                Request request = requests.get(row);
                routings[row] = flags.route(request.entityId(), request.attributes());
                decisions[row] = routings[row].served();
            }
        }

        void askVersions() {
            Map<ModelVersion, List<Integer>> byVersion = new LinkedHashMap<>();
            for (int row = 0; row < decisions.length; row++) {
                byVersion
                        .computeIfAbsent(decisions[row].version(), version -> new ArrayList<>())
                        .add(row);
            }
            // Rows whose version is not ready join the group of the version that serves them instead.
            Map<ModelVersion, Group> groups = new LinkedHashMap<>();
            byVersion.forEach((asked, rows) -> {
                Optional<BatchScorer> ready = models.ifReady(asked);
                Optional<BatchScorer> serving = ready.isPresent() ? ready : standIn(asked);
                if (serving.isEmpty()) {
                    fail(asked, rows);
                    return;
                }
                BatchScorer scorer = serving.get();
                if (ready.isEmpty()) {
                    warnOnce(asked, scorer.version());
                    count(FALLBACK_NOT_READY, rows.size());
                    rows.forEach(row -> decisions[row] = decisions[row].fallenBackTo(scorer.version()));
                }
                groups.computeIfAbsent(scorer.version(), version -> new Group(scorer))
                        .rows
                        .addAll(rows);
            });
            int mostScored = 0;
            for (Group group : groups.values()) {
                int scored = score(group);
                // A candidate that serves a share must not come to stand in for production.
                if (scored > mostScored && stageOf(group.scorer.version()) == null) {
                    mostScored = scored;
                    lastGood.set(group.scorer.version());
                }
            }
        }

        void retryFailedCalls() {
            Map<ModelVersion, List<Integer>> failed = new LinkedHashMap<>();
            for (int row = 0; row < answers.length; row++) {
                if (ModelCalls.isModelFailure(answers[row].result())) {
                    failed.computeIfAbsent(answers[row].version(), version -> new ArrayList<>())
                            .add(row);
                }
            }
            failed.forEach((version, rows) -> standIn(version).ifPresent(scorer -> {
                count(FALLBACK_MODEL_FAILED, rows.size());
                rows.forEach(row -> decisions[row] = decisions[row].fallenBackTo(scorer.version()));
                Group group = new Group(scorer);
                group.rows.addAll(rows);
                score(group);
            }));
        }

        List<ScoredRequest> results() {
            long now = clock.millis();
            List<ScoredRequest> results = new ArrayList<>(answers.length);
            for (int row = 0; row < answers.length; row++) {
                if (answers[row].result() instanceof RowResult.Failed failed) {
                    count(failed.code(), 1);
                }
                results.add(new ScoredRequest(
                        requests.get(row),
                        decisions[row],
                        answers[row],
                        found[row],
                        targets(routings[row].candidates(), answers[row].version()),
                        epoch,
                        queueNanos[row],
                        now,
                        flagsStaleSince));
            }
            return results;
        }

        private void fail(ModelVersion asked, List<Integer> rows) {
            String reason = models.failure(asked).orElse("it is being loaded");
            VersionAnswer none = new VersionAnswer(
                    asked,
                    new RowResult.Failed(
                            RowResult.Failed.NO_MODEL,
                            "version " + asked + " of model " + models.model() + " cannot serve (" + reason
                                    + ") and no other has served yet"),
                    0,
                    0);
            for (int row : rows) {
                answers[row] = none;
                queueNanos[row] = nanoTime.getAsLong() - polledNanos;
            }
        }

        /** Returns how many rows were scored. */
        private int score(Group group) {
            List<Features> features = new ArrayList<>(group.rows.size());
            group.rows.forEach(row -> features.add(requests.get(row).features()));
            long queued = nanoTime.getAsLong() - polledNanos;
            List<VersionAnswer> given = watchdog.watch(
                    group.scorer.version(), features.size(), () -> ModelCalls.score(group.scorer, features));
            int scored = 0;
            for (int i = 0; i < given.size(); i++) {
                int row = group.rows.get(i);
                answers[row] = given.get(i);
                found[row] = true;
                queueNanos[row] = queued;
                scored += given.get(i).result() instanceof RowResult.Scored ? 1 : 0;
            }
            return scored;
        }

        /** Roles are versions, not traffic: a declared stage decides who is production, whoever served. */
        private List<ForkTarget> targets(List<ModelVersion> candidates, ModelVersion served) {
            if (candidates.isEmpty()) {
                return List.of();
            }
            List<ForkTarget> targets = new ArrayList<>(candidates.size());
            for (ModelVersion candidate : candidates) {
                DeclaredStage stage = stageOf(candidate);
                if (stage != null) {
                    targets.add(new ForkTarget(stage.pair().production(), candidate, stage.epoch()));
                    continue;
                }
                ModelVersion production = productionOf(served);
                if (!production.equals(candidate)) {
                    targets.add(new ForkTarget(production, candidate, 0));
                }
            }
            return targets;
        }

        /**
         * Production for a candidate without a stage: who served, unless that is itself a candidate that serves a share.
         * At 100 % it has taken production's place.
         */
        private ModelVersion productionOf(ModelVersion served) {
            DeclaredStage stage = stageOf(served);
            return stage == null || stage.percent() == 100
                    ? served
                    : stage.pair().production();
        }

        /** Who serves in place of a version that cannot: its production where a stage names one, the last good, the spare. */
        private Optional<BatchScorer> standIn(ModelVersion absent) {
            DeclaredStage stage = stageOf(absent);
            if (stage != null) {
                Optional<BatchScorer> production = models.ifReady(stage.pair().production());
                if (production.isPresent()) {
                    return production;
                }
            }
            return Stream.of(Optional.ofNullable(lastGood.get()), spare)
                    .flatMap(Optional::stream)
                    .filter(version -> !version.equals(absent))
                    .flatMap(version -> models.ifReady(version).stream())
                    .findFirst();
        }

        /** The stage in which the version is candidate; the latest, should several name it. */
        private @Nullable DeclaredStage stageOf(ModelVersion candidate) {
            DeclaredStage latest = null;
            for (DeclaredStage stage : declared) {
                ModelPair pair = stage.pair();
                if (pair.candidate().equals(candidate)
                        && pair.model().equals(models.model())
                        && (latest == null || stage.epoch() > latest.epoch())) {
                    latest = stage;
                }
            }
            return latest;
        }
    }

    private static final class Group {
        final BatchScorer scorer;
        final List<Integer> rows = new ArrayList<>();

        Group(BatchScorer scorer) {
            this.scorer = scorer;
        }
    }

    private void count(String cause, int rows) {
        causes.computeIfAbsent(cause, key -> new LongAdder()).add(rows);
    }
}
