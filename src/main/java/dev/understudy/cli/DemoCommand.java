package dev.understudy.cli;

import dev.understudy.app.FileEvaluation;
import dev.understudy.app.Pipeline;
import dev.understudy.app.PipelineReport;
import dev.understudy.app.StageName;
import dev.understudy.app.StageReferences;
import dev.understudy.app.Understudy;
import dev.understudy.avro.WindowSummary;
import dev.understudy.broker.EmbeddedKafka;
import dev.understudy.broker.EmbeddedKafkaSettings;
import dev.understudy.config.ConfigLoader;
import dev.understudy.config.UnderstudyConfig;
import dev.understudy.demo.DemoFolder;
import dev.understudy.demo.DemoSamples;
import dev.understudy.demo.DemoTraffic;
import dev.understudy.domain.DeclaredStage;
import dev.understudy.domain.DurationText;
import dev.understudy.domain.ModelPair;
import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.References;
import dev.understudy.flags.FlagsUnavailableException;
import dev.understudy.kafka.TopicFinding;
import dev.understudy.model.ModelException;
import dev.understudy.report.Decisions;
import dev.understudy.rows.RowsException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "demo",
        description = {
            "Run the whole pipeline on this machine: a real Kafka broker and a schema registry on 127.0.0.1, the"
                    + " shipped fraud models, generated card payments.",
            "v1 serves; v2 (better), v3 (better on average, harmful in one region) and v4 (far slower) are shadowed."
                    + " Ends by itself with the readiness of each."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  understudy demo",
            "  understudy demo --duration 10m --rate 3000",
            "  understudy demo --format json > readiness.json",
            "",
            "While it runs, open the page that it names in a browser, edit the flags file that it names, or look at it from"
                    + " another terminal:",
            "  understudy readiness -c data/demo/understudy.yaml --follow"
        })
final class DemoCommand implements Callable<Integer> {
    private static final Duration LINE_EVERY = Duration.ofSeconds(10);
    private static final Duration WARM_UP = Duration.ofSeconds(25);
    private static final Duration DRAIN_BOUND = Duration.ofSeconds(60);
    private static final List<String> CANDIDATES = List.of("v2", "v3", "v4");

    @Spec
    private CommandSpec spec;

    @Option(names = "--duration", defaultValue = "2m", description = "How long to send (default: ${DEFAULT-VALUE}).")
    private String duration;

    @Option(names = "--rate", defaultValue = "1000", description = "Requests a second (default: ${DEFAULT-VALUE}).")
    private int rate;

    @Option(
            names = "--directory",
            defaultValue = "data/demo",
            paramLabel = "DIR",
            description = "Where the broker's data, the configuration and the flags go (default: ${DEFAULT-VALUE});"
                    + " emptied at the start.")
    private Path directory;

    @Option(
            names = "--models",
            defaultValue = "${sys:understudy.home:-.}/models",
            paramLabel = "DIR",
            description = "The shipped models (default: those beside the launcher).")
    private Path models;

    @Option(names = "--kafka-port", defaultValue = "0", description = "The broker's port (default: any free one).")
    private int kafkaPort;

    @Option(names = "--registry-port", defaultValue = "0", description = "The registry's port (default: any free one).")
    private int registryPort;

    @Option(
            names = "--page-port",
            defaultValue = "0",
            paramLabel = "PORT",
            description = "Port of the page (default: any free one).")
    private int pagePort;

    @Option(names = "--format", defaultValue = "table", description = "table or json (default: ${DEFAULT-VALUE}).")
    private Format format;

    @Override
    public Integer call()
            throws IOException, RowsException, ModelException, FlagsUnavailableException, InterruptedException {
        OptionValues values = new OptionValues(spec);
        Duration length = values.duration("--duration", duration);
        values.require(!length.isZero() && !length.isNegative(), "--duration: it must be positive, was " + duration);
        values.requirePort("--kafka-port", kafkaPort);
        values.requirePort("--registry-port", registryPort);
        values.requirePort("--page-port", pagePort);
        values.require(
                kafkaPort == 0 || kafkaPort != registryPort,
                "--registry-port must differ from --kafka-port, both were " + kafkaPort);
        values.require(rate >= 1, "--rate must be at least 1, was " + rate);
        DemoSamples samples = DemoSamples.read(models.resolve("fraud").resolve("requests.csv"));
        DemoFolder folder = DemoFolder.fresh(directory);
        say("Starting Kafka and the schema registry ...");
        try (EmbeddedKafka kafka = EmbeddedKafka.start(
                EmbeddedKafkaSettings.in(folder.brokerData()).withPorts(kafkaPort, registryPort))) {
            Path file = folder.writeConfiguration(
                    models, kafka.bootstrapServers(), kafka.registryUrl(), samples.regions(), pagePort);
            UnderstudyConfig config = ConfigLoader.ofProcess().load(file);
            try (Understudy understudy = Understudy.of(config)) {
                createTopics(understudy);
                String introduction = introduction(kafka, file, folder, config);
                say(introduction);
                try (Pipeline pipeline = Pipeline.of(understudy, EnumSet.of(StageName.SCORE, StageName.EVALUATE));
                        PipelineReport report = PipelineReport.start(understudy, pipeline)) {
                    pipeline.withShadowProcess(RunCommand.shadowProcess(file, config), line -> say("shadow: " + line))
                            .start();
                    String place = "The page, while the demo runs: " + report.page() + System.lineSeparator();
                    say(place);
                    return run(understudy, pipeline, samples, length, introduction + place) ? 0 : 1;
                }
            }
        }
    }

    /** Returns whether every request was predicted and every comparison evaluated. */
    private boolean run(
            Understudy understudy, Pipeline pipeline, DemoSamples samples, Duration length, String introduction)
            throws InterruptedException {
        try (DemoView view = new DemoView(
                understudy.reader(understudy.topics().predictions()),
                understudy.reader(understudy.topics().rolloutReadiness()))) {
            LiveScreen screen = LiveScreen.on(spec.commandLine().getErr(), format == Format.TABLE);
            long sent;
            try (DemoTraffic traffic = DemoTraffic.start(
                    samples.samples(),
                    understudy.writer(understudy.topics().predictionRequests()),
                    understudy.writer(understudy.topics().outcomes()),
                    rate,
                    Clock.systemUTC())) {
                long end = System.nanoTime() + length.toNanos();
                long declareAt = System.nanoTime() + warmUp(length).toNanos();
                boolean declared = false;
                long nextLine = System.nanoTime() + LINE_EVERY.toNanos();
                while (System.nanoTime() < end) {
                    requireRunning(pipeline);
                    traffic.throwFailure();
                    TimeUnit.MILLISECONDS.sleep(
                            Math.max(1, Math.min(1_000, TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime()))));
                    view.refresh();
                    if (!declared && System.nanoTime() >= declareAt) {
                        declared = declareStages(understudy, System.nanoTime() >= declareAt + length.toNanos() / 4);
                    }
                    if (screen.isLive()) {
                        screen.show(introduction
                                + System.lineSeparator()
                                + view.table(
                                        traffic.sent(),
                                        pipeline,
                                        Duration.ofNanos(Math.max(0, end - System.nanoTime()))));
                    } else if (System.nanoTime() >= nextLine) {
                        nextLine += LINE_EVERY.toNanos();
                        say(view.line(traffic.sent()));
                    }
                }
                sent = traffic.sent();
            }
            say("Sending has ended; waiting for the pipeline to finish what is on its way ...");
            boolean drained = drained(view, sent, pipeline);
            say((drained ? "Done: " : "Not everything was evaluated within " + DurationText.format(DRAIN_BOUND) + ": ")
                    + view.line(sent));
            print(view.report());
            return drained;
        }
    }

    private static void requireRunning(Pipeline pipeline) {
        pipeline.failure().ifPresent(why -> {
            throw new IllegalStateException(why);
        });
    }

    /** The first stretch is shadowed without a stage: the declared one takes what latency is measured against from it. */
    private static Duration warmUp(Duration length) {
        Duration quarter = length.dividedBy(4);
        return quarter.compareTo(WARM_UP) < 0 ? quarter : WARM_UP;
    }

    /** Waits until every request is predicted, and of every comparison that was due is known what became of it. */
    private static boolean drained(DemoView view, long sent, Pipeline pipeline) throws InterruptedException {
        long bound = System.nanoTime() + DRAIN_BOUND.toNanos();
        long before = -1;
        while (System.nanoTime() < bound) {
            requireRunning(pipeline);
            view.refresh();
            if (view.predicted() >= sent && view.isBalanced(CANDIDATES.size()) && view.covered() == before) {
                return true;
            }
            before = view.covered();
            TimeUnit.SECONDS.sleep(2);
        }
        return false;
    }

    private void print(Decisions report) {
        PrintWriter out = spec.commandLine().getOut();
        Instant now = Instant.now();
        if (format == Format.JSON) {
            out.println(report.jsonArray(now).toPrettyString());
        } else {
            out.println();
            out.print(ReadinessText.of(report, now));
        }
        out.flush();
    }

    private void createTopics(Understudy understudy) {
        List<TopicFinding> wrong = understudy.createTopics().stream()
                .filter(finding -> finding.state() != TopicFinding.State.CREATED)
                .toList();
        if (!wrong.isEmpty()) {
            throw new IllegalStateException("the fresh broker refused topics: " + wrong);
        }
    }

    /**
     * As `stage start` does, with references from the windows so far.
     *
     * @param anyway whether to declare even while production's p99 batch time is not known
     * @return whether the stages were declared
     */
    private boolean declareStages(Understudy understudy, boolean anyway) {
        UnderstudyConfig config = understudy.config();
        List<WindowSummary> windows = understudy.finalWindows();
        List<ModelPair> pairs = CANDIDATES.stream()
                .map(candidate ->
                        new ModelPair(config.model().name(), config.model().version(), new ModelVersion(candidate)))
                .toList();
        StageReferences before = StageReferences.ofAll(windows, pairs.get(0), Duration.ofHours(1));
        Optional<StageReferences.Taken<Long>> tail = before.tailNanos();
        if (tail.isEmpty() && !anyway) {
            return false;
        }
        say("Production's p99 batch time is "
                + tail.map(taken -> DurationText.formatNanos(taken.value()) + ", from " + taken.windows()
                                + " windows with " + taken.weight() + " batches")
                        .orElse("not known"));
        References references = before.complete(FileEvaluation.references(config));
        for (ModelPair pair : pairs) {
            DeclaredStage stage = understudy.declareStage(
                    pair,
                    0,
                    config.readiness().holds().getOrDefault("0", Duration.ZERO),
                    Map.of(),
                    references,
                    CANDIDATES.size(),
                    Instant.now());
            say("Declared " + pair + " in shadow, epoch " + stage.epoch());
        }
        return true;
    }

    private static String introduction(EmbeddedKafka kafka, Path file, DemoFolder folder, UnderstudyConfig config) {
        return String.join(
                System.lineSeparator(),
                "Kafka " + kafka.bootstrapServers() + ", schema registry " + kafka.registryUrl(),
                "Time is shortened: windows of "
                        + DurationText.format(config.evaluate().window()) + " instead of 1m, a shadow stage of "
                        + DurationText.format(config.readiness().holds().getOrDefault("0", Duration.ZERO))
                        + " instead of 24h.",
                "Edit the flags while it runs: " + folder.flags(),
                "Look at it from elsewhere:    ./understudy readiness -c " + file + " --follow",
                "");
    }

    private void say(String line) {
        spec.commandLine().getErr().println(line);
        spec.commandLine().getErr().flush();
    }
}
