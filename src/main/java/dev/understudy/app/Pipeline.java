package dev.understudy.app;

import dev.understudy.config.UnderstudyConfig;
import dev.understudy.evaluate.EvaluateSettings;
import dev.understudy.evaluate.EvaluateTopology;
import dev.understudy.evaluate.OutcomeMemory;
import dev.understudy.evaluate.Provenance;
import dev.understudy.flags.FlagHealth;
import dev.understudy.flags.FlagsUnavailableException;
import dev.understudy.flags.ModelFlags;
import dev.understudy.kafka.PipelineStage;
import dev.understudy.kafka.StageFollower;
import dev.understudy.kafka.StageHealth;
import dev.understudy.kafka.StageRunner;
import dev.understudy.kafka.StageSettings;
import dev.understudy.model.LoadGuard;
import dev.understudy.model.ModelException;
import dev.understudy.model.ModelState;
import dev.understudy.model.onnx.OnnxModelRepository;
import dev.understudy.process.JvmCommand;
import dev.understudy.readiness.ReadinessPolicy;
import dev.understudy.readiness.ReadinessSettings;
import dev.understudy.score.HangWatchdog;
import dev.understudy.score.RequestScorer;
import dev.understudy.score.ScoreTopology;
import dev.understudy.shadow.CallGuard;
import dev.understudy.shadow.ShadowScorer;
import dev.understudy.shadow.ShadowSettings;
import dev.understudy.shadow.ShadowSupervisor;
import dev.understudy.shadow.ShadowTopology;
import io.micrometer.core.instrument.binder.kafka.KafkaStreamsMetrics;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Pipeline stages that run in this process, and the shadow process where it is supervised from here. */
public final class Pipeline implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Pipeline.class);

    /** What a supervised shadow process prints when it is ready. */
    public static final String READY = "READY";

    private static final Duration CATCH_UP = Duration.ofSeconds(30);
    private static final int HANG_EXIT_CODE = 70;

    private final Understudy understudy;
    private final Set<StageName> stages;
    private final List<StageRunner> runners = new CopyOnWriteArrayList<>();
    /** Closed in reverse order; guarded by this. */
    private final Deque<AutoCloseable> closing = new ArrayDeque<>();

    private final CompletableFuture<Void> closeAsked = new CompletableFuture<>();
    /** What runs SHADOW in a process of its own, if anything. */
    private @Nullable ShadowSupervisor shadowProcess;

    private volatile @Nullable ModelFlags flags;
    private volatile @Nullable OnnxModelRepository models;
    private volatile @Nullable RequestScorer scorer;
    private volatile @Nullable ShadowSupervisor supervisor;

    private Pipeline(Understudy understudy, Set<StageName> stages) {
        this.understudy = understudy;
        this.stages = stages.isEmpty() ? EnumSet.noneOf(StageName.class) : EnumSet.copyOf(stages);
    }

    /**
     * A pipeline of which nothing runs yet, but which can be asked how it is.
     *
     * @param stages those of this process
     */
    public static Pipeline of(Understudy understudy, Set<StageName> stages) {
        return new Pipeline(understudy, stages);
    }

    /** As {@link #of} and {@link #start()}. */
    public static Pipeline start(Understudy understudy, Set<StageName> stages)
            throws ModelException, FlagsUnavailableException {
        Pipeline pipeline = of(understudy, stages);
        pipeline.start();
        return pipeline;
    }

    /**
     * Lets {@link #start()} start SHADOW too, in a process of its own, which is started again when it dies.
     *
     * @param output gets what the process writes, line by line
     */
    public Pipeline withShadowProcess(JvmCommand command, Consumer<String> output) {
        shadowProcess = new ShadowSupervisor(command, ShadowSupervisor.Settings.standard(READY), output);
        return this;
    }

    /**
     * Starts the stages and returns when all of them run: SCORE first, since it serves, then the others beside each other,
     * for EVALUATE may read its state from Kafka for minutes. It is closed when this fails.
     *
     * @return false if it was closed from elsewhere meanwhile
     * @throws ModelException if a model cannot be loaded
     * @throws FlagsUnavailableException if the flags cannot be made ready
     * @throws dev.understudy.kafka.StageFailedException if a stage does not start, or ends before the last one runs
     */
    public boolean start() throws ModelException, FlagsUnavailableException {
        try {
            if (stages.contains(StageName.SCORE)) {
                StartGroup score = group();
                score.add("score", this::startScore);
                score.await();
            }
            if (!isClosed()) {
                startBesideScore();
            }
            return !isClosed();
        } catch (ModelException | FlagsUnavailableException | RuntimeException | Error e) {
            if (isClosed() && !(e instanceof Error)) {
                LOG.debug("a start was ended by a close", e);
                return false;
            }
            try {
                close();
            } catch (RuntimeException left) {
                e.addSuppressed(left);
            }
            throw e;
        }
    }

    private void startBesideScore() throws ModelException, FlagsUnavailableException {
        StartGroup group = group();
        runners.forEach(score -> group.endWith(score.ended(), score::awaitEnd));
        if (stages.contains(StageName.SHADOW)) {
            group.add("shadow", this::startShadow);
        }
        ShadowSupervisor process = shadowProcess;
        if (process != null) {
            group.add("shadow", () -> supervise(process));
        }
        if (stages.contains(StageName.EVALUATE)) {
            group.add("evaluate", this::startEvaluate);
        }
        group.await();
    }

    private StartGroup group() {
        StartGroup group = new StartGroup();
        group.endWith(closeAsked, () -> {});
        return group;
    }

    private boolean isClosed() {
        return closeAsked.isDone();
    }

    private void supervise(ShadowSupervisor process) {
        keep(process);
        supervisor = process;
        process.start();
    }

    /** Takes a part over, to close it. A start that goes on while the pipeline is closed ends here. */
    private synchronized void keep(AutoCloseable part) {
        closing.push(part);
        if (isClosed()) {
            close();
            throw new IllegalStateException("the pipeline was closed while it was starting");
        }
    }

    /** Why a stage of this process has ended, for people; empty while all run. */
    public Optional<String> failure() {
        return health().stream().flatMap(stage -> stage.failure().stream()).findFirst();
    }

    public List<StageHealth> health() {
        Map<String, StageHealth> health = new LinkedHashMap<>();
        for (StageName stage : stages) {
            health.put(stage.key(), StageHealth.created(stage.key()));
        }
        runners.stream().map(StageRunner::health).forEach(stage -> health.put(stage.stage(), stage));
        return List.copyOf(health.values());
    }

    /** Kafka Streams' own metrics of stages that have begun to start, but for those named; to be closed by the caller. */
    Map<String, KafkaStreamsMetrics> metricsBeside(Set<String> known) {
        Map<String, KafkaStreamsMetrics> metrics = new HashMap<>();
        for (StageRunner runner : runners) {
            if (!known.contains(runner.stage())) {
                runner.metrics().ifPresent(own -> metrics.put(runner.stage(), own));
            }
        }
        return metrics;
    }

    /** How the flags are; empty where SCORE runs elsewhere. */
    public Optional<FlagHealth> flagHealth() {
        return Optional.ofNullable(flags).map(ModelFlags::health);
    }

    /** How the versions are that were asked for in this process; none where only EVALUATE runs. */
    public List<ModelState> modelStates() {
        OnnxModelRepository opened = models;
        return opened == null ? List.of() : opened.states();
    }

    /** Requests that the version that was asked did not simply answer, by cause; empty where SCORE runs elsewhere. */
    public Map<String, Long> predictionProblems() {
        RequestScorer running = scorer;
        return running == null ? Map.of() : running.causes();
    }

    /** How the shadow process is; empty where it is not supervised from here. */
    public Optional<ShadowSupervisor.Health> shadowHealth() {
        return Optional.ofNullable(supervisor).map(ShadowSupervisor::health);
    }

    /**
     * Waits until a stage ends.
     *
     * @throws dev.understudy.kafka.StageFailedException if it ended by a failure
     */
    public void awaitEnd() {
        CompletableFuture.anyOf(runners.stream().map(StageRunner::ended).toArray(CompletableFuture[]::new))
                .join();
        runners.stream().filter(runner -> runner.ended().isDone()).forEach(StageRunner::awaitEnd);
    }

    @Override
    public void close() {
        closeAsked.complete(null);
        closeParts();
    }

    private synchronized void closeParts() {
        IllegalStateException failed = null;
        while (!closing.isEmpty()) {
            try {
                closing.pop().close();
            } catch (Exception e) {
                if (failed == null) {
                    failed = new IllegalStateException("a part of the pipeline did not close", e);
                } else {
                    failed.addSuppressed(e);
                }
            }
        }
        if (failed != null) {
            throw failed;
        }
    }

    private void startScore() throws ModelException, FlagsUnavailableException {
        UnderstudyConfig config = understudy.config();
        OnnxModelRepository loaded = models(LoadGuard.NONE);
        loaded.load(config.model().version());
        ModelFlags opened = FlagSource.open(config.flags(), config.model().version());
        keep(opened);
        flags = opened;
        StageFollower follower = follower(StageName.SCORE);
        HangWatchdog watchdog = new HangWatchdog(
                config.score().hangLimit(), () -> Runtime.getRuntime().halt(HANG_EXIT_CODE));
        keep(watchdog);
        RequestScorer requests = new RequestScorer(
                        opened, loaded, follower, watchdog, System::nanoTime, Clock.systemUTC())
                .withSpare(config.model().version());
        scorer = requests;
        run(
                ConfiguredStages.score(config),
                ScoreTopology.stage(understudy.topics(), config.model().name(), requests));
    }

    private void startShadow() throws ModelException {
        UnderstudyConfig config = understudy.config();
        UnderstudyConfig.Shadow shadow = config.shadow();
        ShadowSettings guarded = new ShadowSettings(
                shadow.loadTimeout(),
                shadow.timeLimit(),
                shadow.hangLimit(),
                shadow.quarantine(),
                shadow.lagBudget(),
                shadow.likeForLikeShare(),
                shadow.disagreementFeatures());
        CallGuard guard = CallGuard.open(
                shadowFolder(config),
                guarded,
                Clock.systemUTC(),
                () -> Runtime.getRuntime().halt(HANG_EXIT_CODE));
        keep(guard);
        ShadowScorer candidates = new ShadowScorer(models(guard), guarded, guard, Clock.systemUTC());
        run(ConfiguredStages.shadow(config), ShadowTopology.stage(understudy.topics(), candidates));
    }

    /** Where SHADOW keeps what has to survive its process. */
    public static Path shadowFolder(UnderstudyConfig config) {
        return config.kafka().stateDirectory().resolve(config.kafka().applicationPrefix() + "-shadow-calls");
    }

    private void startEvaluate() {
        UnderstudyConfig config = understudy.config();
        EvaluateSettings evaluation = Evaluation.settings(config);
        ReadinessSettings readiness = Evaluation.readiness(config);
        Provenance provenance = Evaluation.provenance(config, ModelHashes.inBackground(config.model()), evaluation);
        StageSettings settings = ConfiguredStages.evaluate(config, evaluation);
        if (config.outcomes().join()) {
            OutcomeMemory memory = new OutcomeMemory(config.outcomes().memoryMebibytes());
            keep(memory);
            Map<String, Object> streams = new HashMap<>(settings.streams());
            streams.putAll(memory.streams());
            settings = settings.withStreams(streams);
        }
        EvaluateTopology topology = new EvaluateTopology(
                understudy.topics(),
                evaluation,
                follower(StageName.EVALUATE),
                new ReadinessPolicy(readiness),
                provenance);
        run(settings, new PipelineStage(topology::build, Optional.empty(), topology.topics()));
    }

    private OnnxModelRepository models(LoadGuard guard) throws ModelException {
        OnnxModelRepository opened = understudy.openModels(guard);
        keep(opened);
        models = opened;
        return opened;
    }

    private StageFollower follower(StageName stage) {
        StageFollower follower =
                StageFollower.start(understudy.connection(), understudy.topics().rolloutStages(), stage.key());
        keep(follower);
        follower.awaitCaughtUp(CATCH_UP);
        return follower;
    }

    private void run(StageSettings settings, PipelineStage stage) {
        StageRunner runner = new StageRunner(
                understudy.connection(), settings, stage, understudy.topics().deadLetters());
        keep(runner);
        runners.add(runner);
        runner.start();
    }
}
