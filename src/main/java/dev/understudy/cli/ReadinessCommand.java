package dev.understudy.cli;

import dev.understudy.app.Understudy;
import dev.understudy.avro.ReadinessSummary;
import dev.understudy.config.UnderstudyConfig;
import dev.understudy.domain.DeclaredStage;
import dev.understudy.domain.ModelPair;
import dev.understudy.domain.ModelVersion;
import dev.understudy.kafka.TopicReader;
import dev.understudy.report.Decisions;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "readiness",
        description = "Show whether candidates may take the next step, from the topic rollout-readiness.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  understudy readiness -c understudy.yaml",
            "  understudy readiness --format json | jq -r '.[] | .candidateVersion + \" \" + .verdict'",
            "  understudy readiness --follow",
            "  understudy readiness --gate --candidate v2 --percent 25 && ./promote-to-25-percent",
            "  understudy readiness verify --candidate v2           compute its decisions again from the topics",
            "",
            "A summary that has expired reads as HOLD. --follow prints a line for a candidate or segment when its verdict or a"
                    + " reason changes; with --format json, its summary. --gate exits with 0 only for a READY that has not"
                    + " expired and that was made with the model files that are on disk here; else with 1 and why. Where the"
                    + " candidate was compared with several versions, the pair with a declared stage counts."
        },
        subcommands = ReadinessVerifyCommand.class)
final class ReadinessCommand implements Callable<Integer> {
    private static final long LOOK_NANOS = Duration.ofSeconds(5).toNanos();

    @Spec
    private CommandSpec spec;

    @Mixin
    private ConfigOptions config;

    @Mixin
    private DecisionOptions decisions;

    @Option(names = "--format", defaultValue = "table", description = "table or json (default: ${DEFAULT-VALUE}).")
    private Format format;

    @Option(names = "--follow", description = "Go on and print what changes, until interrupted.")
    private boolean follow;

    @Option(names = "--gate", description = "Print nothing but why not, and say by the exit code whether it is READY.")
    private boolean gate;

    @Option(
            names = "--percent",
            paramLabel = "PERCENT",
            description = "With --gate: the stage that is to start must be this one.")
    private @Nullable Integer percent;

    @Override
    public Integer call() {
        if (gate && follow) {
            throw new ParameterException(spec.commandLine(), "--gate and --follow exclude each other");
        }
        if (percent != null && !gate) {
            throw new ParameterException(spec.commandLine(), "--percent goes with --gate");
        }
        UnderstudyConfig settings = config.load();
        PrintWriter out = spec.commandLine().getOut();
        try (Understudy understudy = Understudy.of(settings);
                TopicReader<String, ReadinessSummary> reader =
                        understudy.reader(understudy.topics().rolloutReadiness())) {
            Decisions report = new Decisions();
            reader.readToEnd(report::take);
            if (gate) {
                return gate(report, understudy);
            }
            Decisions asked = report.only(decisions::want);
            if (asked.isEmpty() && !report.isEmpty() && !follow) {
                spec.commandLine()
                        .getErr()
                        .println("no decision is on what was asked for; there are decisions on " + report.pairs());
                return 1;
            }
            print(asked, out);
            if (follow) {
                follow(report, reader, out);
            }
        }
        return 0;
    }

    /** Goes on until the process is ended, or the cluster does not answer. */
    private void follow(Decisions report, TopicReader<String, ReadinessSummary> reader, PrintWriter out) {
        Set<ReadinessSummary> expired = new HashSet<>();
        asked(report)
                .filter(summary -> Decisions.expired(summary, Instant.now()))
                .forEach(expired::add);
        long nextLook = System.nanoTime();
        while (true) {
            if (System.nanoTime() - nextLook >= 0) {
                reader.endOffsets(); // a poll says nothing of brokers that are gone
                nextLook = System.nanoTime() + LOOK_NANOS;
            }
            for (ConsumerRecord<String, ReadinessSummary> record : reader.poll(Duration.ofSeconds(1))) {
                ReadinessSummary summary = record.value();
                if (report.take(record) && summary != null && decisions.want(summary)) {
                    print(summary, out);
                }
            }
            List<ReadinessSummary> over = asked(report)
                    .filter(summary -> Decisions.expired(summary, Instant.now()))
                    .toList();
            over.stream().filter(summary -> !expired.contains(summary)).forEach(summary -> print(summary, out));
            expired.clear();
            expired.addAll(over);
            out.flush();
        }
    }

    private Stream<ReadinessSummary> asked(Decisions report) {
        return report.only(decisions::want).summaries().stream();
    }

    private void print(ReadinessSummary summary, PrintWriter out) {
        Instant now = Instant.now();
        out.println(
                format == Format.JSON
                        ? Decisions.json(summary, now)
                        : now.truncatedTo(ChronoUnit.SECONDS) + " " + SummaryText.sentence(summary, now));
    }

    private int gate(Decisions report, Understudy understudy) {
        Collection<DeclaredStage> stages = understudy.declaredStages();
        List<ReadinessSummary> published = List.copyOf(report.only(summary -> decisions.want(summary)
                        && (decisions.segment() != null || Decisions.ALL.equals(summary.getSegment())))
                .summaries());
        String candidate = decisions.candidate();
        List<ReadinessSummary> asked = candidate == null ? published : inForce(published, stages);
        String why;
        if (asked.isEmpty()) {
            why = "no decision on " + (candidate == null ? "any candidate" : "candidate " + candidate)
                    + " has been published";
        } else if (asked.size() > 1) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--gate needs " + (candidate == null ? "--candidate" : "--production")
                            + ", since there are several: "
                            + String.join(
                                    ", ",
                                    asked.stream()
                                            .map(summary -> summary.getProductionVersion() + " against "
                                                    + summary.getCandidateVersion())
                                            .sorted()
                                            .toList()));
        } else {
            ReadinessSummary summary = asked.get(0);
            OptionalLong declared = stages.stream()
                    .filter(stage -> stage.pair().equals(pair(summary)))
                    .mapToLong(DeclaredStage::epoch)
                    .findFirst();
            why = ReadinessGate.refusal(summary, declared, percent, understudy.hashes(), Instant.now())
                    .orElse("");
        }
        if (!why.isEmpty()) {
            spec.commandLine().getErr().println("not READY: " + why);
        }
        return why.isEmpty() ? 0 : 1;
    }

    /** Of several, those alone that have a stage: others are what was compared once, or by mistake. */
    private static List<ReadinessSummary> inForce(List<ReadinessSummary> asked, Collection<DeclaredStage> stages) {
        List<ReadinessSummary> declared = asked.stream()
                .filter(summary ->
                        stages.stream().anyMatch(stage -> stage.pair().equals(pair(summary))))
                .toList();
        return asked.size() > 1 && !declared.isEmpty() ? declared : asked;
    }

    private static ModelPair pair(ReadinessSummary summary) {
        return new ModelPair(
                summary.getModel(),
                new ModelVersion(summary.getProductionVersion()),
                new ModelVersion(summary.getCandidateVersion()));
    }

    private void print(Decisions report, PrintWriter out) {
        Instant now = Instant.now();
        if (format == Format.JSON && follow) {
            report.summaries().forEach(summary -> out.println(Decisions.json(summary, now)));
        } else if (format == Format.JSON) {
            out.println(report.jsonArray(now).toPrettyString());
        } else if (report.isEmpty()) {
            out.println("No decisions yet: no candidate has been compared.");
        } else {
            out.print(ReadinessText.of(report, now));
        }
        out.flush();
    }
}
