package dev.understudy.bench;

import dev.understudy.avro.Ledger;
import dev.understudy.avro.ReadinessSummary;
import dev.understudy.bench.UntouchedResult.ShadowLedger;
import dev.understudy.domain.ForkedRequest;
import dev.understudy.kafka.TopicReader;
import dev.understudy.model.ModelException;
import dev.understudy.process.JvmCommand;
import dev.understudy.shadow.ShadowSupervisor;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Measures production's latency while a candidate is well, slow, hangs, fails, or crashes its process, and without any:
 * whatever a candidate does, production must be as it is without one. Says too what the shadow path made of it.
 */
public final class UntouchedBench {
    /** Short, so that a candidate that hangs or crashes does so again and again while production is measured. */
    private static final String SECTIONS = """
            shadow: {time-limit: 1s, hang-limit: 3s, quarantine: 5s}
            evaluate: {commit-interval: 500ms, interval: 1s}
            """;

    private static final Duration SESSION_TIMEOUT = Duration.ofSeconds(6);
    private static final Duration LEDGER_LIMIT = Duration.ofMinutes(3);
    private static final Duration LOOK = Duration.ofMillis(200);

    private final UntouchedSettings settings;
    private final BiFunction<Path, String, JvmCommand> stageCommand;
    private final Consumer<String> say;

    /**
     * A benchmark that has not begun.
     *
     * @param stageCommand as {@link Bench#Bench}
     * @param say gets a line for people now and then
     */
    public UntouchedBench(
            UntouchedSettings settings, BiFunction<Path, String, JvmCommand> stageCommand, Consumer<String> say) {
        this.settings = settings;
        this.stageCommand = stageCommand;
        this.say = say;
    }

    /**
     * Runs all rounds.
     *
     * @throws ModelException if production cannot be loaded
     */
    public UntouchedResult run() throws ModelException, IOException {
        Pinning pinning = settings.pinned() ? Pinning.ofThisMachine() : Pinning.none();
        List<UntouchedResult.Measured> measured = new ArrayList<>();
        try (BenchCluster cluster = BenchCluster.start(settings.models().resolve("v1"), settings.directory(), say)) {
            pinning.pinProduction(ProcessHandle.current().pid());
            pinning.pinProduction(cluster.kafka().pid());
            for (Scenario scenario : settings.scenarios()) {
                if (scenario.isShippedVersion()) {
                    String version = scenario.candidates().get(0);
                    cluster.folder().takeVersion(settings.models().resolve(version), version);
                }
            }
            // Production shares its core with broker and generator: what compiles there makes all of them late.
            say.accept("warming up: " + Scenario.HEALTHY + ", not counted");
            measure(cluster, pinning, "untouched-0", Scenario.HEALTHY);
            int session = 0;
            for (int round = 1; round <= settings.rounds(); round++) {
                for (Scenario scenario : order(round)) {
                    say.accept("round " + round + " of " + settings.rounds() + ": " + scenario);
                    measured.add(measure(cluster, pinning, "untouched-" + ++session, scenario));
                }
            }
        }
        return UntouchedResult.of(settings.scenarios(), measured);
    }

    /** Each round begins with another scenario; shadow off comes once more at the end, to be compared with itself. */
    private List<Scenario> order(int round) {
        List<Scenario> order = Rounds.order(settings.scenarios(), round);
        if (order.contains(Scenario.OFF)) {
            order.add(Scenario.OFF);
        }
        return order;
    }

    private UntouchedResult.Measured measure(BenchCluster cluster, Pinning pinning, String name, Scenario scenario)
            throws IOException {
        Deque<AutoCloseable> closing = new ArrayDeque<>();
        try (RoundTopics round = RoundTopics.create(cluster.kafka(), name, settings.partitions(), SESSION_TIMEOUT)) {
            Path file = cluster.folder()
                    .writeConfiguration(
                            name, round.connection(), settings.partitions(), Scenario.HEALTHY.candidates(), SECTIONS);
            try {
                MeasuredJvm score = MeasuredJvm.start(
                        name + "-score",
                        stageCommand.apply(file, "score").withPrefix(pinning.productionPrefix()),
                        PeerMain.READY,
                        line -> {});
                closing.push(score);
                Optional<ShadowSupervisor> shadow = Optional.empty();
                if (scenario != Scenario.OFF) {
                    closing.push(MeasuredJvm.start(
                            name + "-evaluate",
                            stageCommand.apply(file, "evaluate").withPrefix(pinning.shadowPrefix()),
                            PeerMain.READY,
                            line -> {}));
                    JvmCommand command = stageCommand
                            .apply(file, "shadow")
                            .withPrefix(pinning.shadowPrefix())
                            .withCrashReportsIn(cluster.folder().state(name));
                    ShadowSupervisor supervisor = new ShadowSupervisor(
                            command, ShadowSupervisor.Settings.standard(PeerMain.READY), line -> {});
                    closing.push(supervisor);
                    supervisor.start();
                    shadow = Optional.of(supervisor);
                }
                return measure(cluster, round, scenario, score, shadow);
            } finally {
                close(closing);
            }
        }
    }

    private UntouchedResult.Measured measure(
            BenchCluster cluster,
            RoundTopics round,
            Scenario scenario,
            MeasuredJvm score,
            Optional<ShadowSupervisor> shadow)
            throws IOException {
        try (OpenLoop loop = new OpenLoop(round, cluster.requests())) {
            // With a healthy candidate in every scenario: SCORE is to have compiled what it does when it forks, too.
            loop.workOff(settings.backlog());
            // From here on: the candidate must not have spent its mischief on the backlog.
            cluster.folder().writeFlags(round.name(), scenario.candidates());
            LatencyFigures figures = loop.measure(settings.rate(), settings.warmUp(), settings.measured());
            score.requireAlive();
            double perSecond = (figures.requests() - figures.missing())
                    / (double) settings.measured().toSeconds();
            Optional<ShadowLedger> ledger =
                    shadow.map(supervisor -> ledger(round, scenario.candidates().get(0), supervisor));
            say.accept(String.format(
                    Locale.ROOT,
                    "  p50 %.2f ms, p99 %.2f ms, p99.9 %.2f ms, %d missing%s",
                    figures.p50Millis(),
                    figures.p99Millis(),
                    figures.p999Millis(),
                    figures.missing(),
                    ledger.map(seen -> "; " + seen).orElse("")));
            return new UntouchedResult.Measured(scenario, figures, perSecond, ledger);
        }
    }

    /** The ledger once it balances, or as it is when the patience ends. */
    private static ShadowLedger ledger(RoundTopics round, String candidate, ShadowSupervisor supervisor) {
        ShadowLedger latest = new ShadowLedger(0, 0, 0, 0, 0, 0, false, 0);
        long forked = forked(round, candidate);
        long end = System.nanoTime() + LEDGER_LIMIT.toNanos();
        try (TopicReader<String, ReadinessSummary> reader =
                new TopicReader<>(round.connection().kafka(), round.topics().rolloutReadiness(), RoundTopics.LIMIT)) {
            while (!latest.balanced() && System.nanoTime() - end < 0) {
                for (ConsumerRecord<String, ReadinessSummary> record : reader.poll(LOOK)) {
                    if (record.value() != null
                            && record.value().getSegment().equals("all")
                            && record.value().getCandidateVersion().equals(candidate)) {
                        latest = ledger(
                                record.value().getLedger(),
                                forked,
                                supervisor.health().restarts());
                    }
                }
            }
        }
        return latest;
    }

    /** How many comparisons of the candidate are due. */
    private static long forked(RoundTopics round, String candidate) {
        LongAdder due = new LongAdder();
        try (TopicReader<String, ForkedRequest> reader =
                new TopicReader<>(round.connection().kafka(), round.topics().shadowRequests(), RoundTopics.LIMIT)) {
            reader.readToEnd(record -> record.value().targets().stream()
                    .filter(target -> target.candidate().name().equals(candidate))
                    .forEach(target -> due.increment()));
        }
        return due.sum();
    }

    private static ShadowLedger ledger(Ledger ledger, long forked, int restarts) {
        long accounted = ledger.getCompared()
                + ledger.getFailed()
                + ledger.getTimedOut()
                + ledger.getQuarantined()
                + ledger.getShed();
        long eligible = ledger.getEligible().orElse(0L);
        return new ShadowLedger(
                eligible,
                ledger.getCompared(),
                ledger.getFailed(),
                ledger.getTimedOut(),
                ledger.getQuarantined(),
                ledger.getShed(),
                eligible > 0 && eligible == forked && eligible == accounted,
                restarts);
    }

    private static void close(Deque<AutoCloseable> closing) {
        while (!closing.isEmpty()) {
            try {
                closing.pop().close();
            } catch (Exception e) {
                throw new IllegalStateException("a process of the round did not end", e);
            }
        }
    }
}
