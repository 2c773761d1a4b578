package dev.understudy.cli;

import dev.understudy.app.Pipeline;
import dev.understudy.app.PipelineReport;
import dev.understudy.app.StageName;
import dev.understudy.app.Understudy;
import dev.understudy.config.UnderstudyConfig;
import dev.understudy.flags.FlagsUnavailableException;
import dev.understudy.model.ModelException;
import dev.understudy.process.JvmCommand;
import dev.understudy.process.LifeLine;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "run",
        description = {
            "Run the pipeline until it is interrupted.",
            "Without --stages, SCORE and EVALUATE run in this process and SHADOW in a process of its own that is"
                    + " started again when it dies.",
            "A read-only page on http://127.0.0.1:8080/ (page.host, page.port) shows every candidate's readiness; /healthz"
                    + " and /readyz are for what keeps the process alive."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  understudy run -c understudy.yaml",
            "  understudy run -c understudy.yaml --stages score        one stage a process, as many as you like",
            "  understudy run -c understudy.yaml --stages shadow"
        })
final class RunCommand implements Callable<Integer> {
    private static final Duration GRACE = Duration.ofSeconds(12);
    private static final int STAGE_HEAP_MEBIBYTES = 512;

    @Spec
    private CommandSpec spec;

    @Mixin
    private ConfigOptions config;

    @Option(
            names = "--stages",
            split = ",",
            paramLabel = "STAGE",
            description = "Only these stages, in this process: ${COMPLETION-CANDIDATES}."
                    + " shadow cannot share a process with others: a candidate that crashes would take them along.")
    private Set<StageName> stages = Set.of();

    @Option(
            names = "--until-input-ends",
            description = "Stop when standard input ends: ties the process to the one that started it.")
    private boolean untilInputEnds;

    @Option(names = "--no-page", description = "Serve no page, whatever page.enabled says.")
    private boolean noPage;

    @Override
    public Integer call() throws ModelException, FlagsUnavailableException {
        if (stages.contains(StageName.SHADOW) && stages.size() > 1) {
            throw new ParameterException(
                    spec.commandLine(), "--stages shadow must stand alone: candidates run in a process of their own");
        }
        if (untilInputEnds) {
            LifeLine.exitWhenCut(System.in, GRACE);
        }
        UnderstudyConfig settings = config.load();
        boolean all = stages.isEmpty();
        boolean servesPage = settings.page().enabled() && !noPage;
        try (Understudy understudy = Understudy.of(settings);
                Pipeline pipeline = Pipeline.of(
                        understudy, all ? EnumSet.of(StageName.SCORE, StageName.EVALUATE) : EnumSet.copyOf(stages));
                PipelineReport report = !servesPage ? null : PipelineReport.start(understudy, pipeline)) {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(pipeline), "close-pipeline"));
            if (report != null) {
                log().info("The page is at {}", report.page());
            }
            if (all) {
                pipeline.withShadowProcess(shadowProcess(config.file(), settings), RunCommand::forward);
            }
            if (!pipeline.start()) {
                return 0;
            }
            // The line that a supervisor waits for.
            spec.commandLine()
                    .getOut()
                    .println(Pipeline.READY + " "
                            + (all ? "score, shadow, evaluate" : names(stages)) + " on "
                            + settings.kafka().bootstrapServers());
            spec.commandLine().getOut().flush();
            pipeline.awaitEnd();
        }
        return 0;
    }

    private static void stop(Pipeline pipeline) {
        log().info("Stopping");
        try {
            pipeline.close();
            log().info("Stopped");
        } catch (RuntimeException e) {
            log().error("Stopped, though not all of it in order", e);
        }
    }

    /** No constant: that would be made before the options are read, and with it the format of logs. */
    private static Logger log() {
        return LoggerFactory.getLogger(RunCommand.class);
    }

    /** What the shadow process says; JSON stays JSON. */
    private static void forward(String line) {
        System.err.println(LogFormat.current() == LogFormat.JSON ? line : "shadow: " + line);
    }

    /** The command of the process in which candidates run; what Java says when one crashes it is kept with its state. */
    static JvmCommand shadowProcess(@Nullable Path config, UnderstudyConfig settings) {
        return stageProcess(config, "shadow").withCrashReportsIn(Pipeline.shadowFolder(settings));
    }

    /** The command of a process of its own for one stage; it ends when its standard input does. */
    static JvmCommand stageProcess(@Nullable Path config, String stage) {
        JvmCommand command = JvmCommand.of(Main.class, STAGE_HEAP_MEBIBYTES)
                .withArguments("run", "--stages", stage, "--until-input-ends", "--no-page")
                .withArguments(LogFormat.current().option());
        return config == null
                ? command
                : command.withArguments("--config", config.toAbsolutePath().toString());
    }

    private static String names(Set<StageName> stages) {
        return stages.stream().map(StageName::key).collect(Collectors.joining(", "));
    }
}
