package dev.understudy.cli;

import dev.understudy.app.Understudy;
import dev.understudy.avro.ReadinessSummary;
import dev.understudy.kafka.TopicReader;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "readiness",
        description = "Show whether candidates may take the next step, from the topic rollout-readiness.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  understudy readiness -c understudy.yaml",
            "  understudy readiness --format json | jq -r '.[] | .candidateVersion + \" \" + .verdict'",
            "  understudy readiness --follow",
            "",
            "A summary that has expired reads as HOLD. --follow prints a candidate or segment again when its verdict or a"
                    + " reason changes; with --format json, one line each."
        })
final class ReadinessCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ConfigOptions config;

    @Option(names = "--format", defaultValue = "table", description = "table or json (default: ${DEFAULT-VALUE}).")
    private Format format;

    @Option(names = "--follow", description = "Go on and print what changes, until interrupted.")
    private boolean follow;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        try (Understudy understudy = Understudy.of(config.load());
                TopicReader<String, ReadinessSummary> reader =
                        understudy.reader(understudy.topics().rolloutReadiness())) {
            ReadinessReport report = new ReadinessReport();
            reader.readToEnd(report::take);
            print(report, out);
            while (follow) {
                for (ConsumerRecord<String, ReadinessSummary> record : reader.poll(Duration.ofSeconds(1))) {
                    if (report.take(record) && record.value() != null) {
                        Instant now = Instant.now();
                        out.println(
                                format == Format.JSON
                                        ? ReadinessReport.json(record.value(), now)
                                        : now + " " + ReadinessReport.explanation(record.value(), now));
                    }
                }
                out.flush();
            }
        }
        return 0;
    }

    private void print(ReadinessReport report, PrintWriter out) {
        Instant now = Instant.now();
        if (format == Format.JSON && follow) {
            report.summaries().forEach(summary -> out.println(ReadinessReport.json(summary, now)));
        } else if (format == Format.JSON) {
            out.println(report.jsonArray(now).toPrettyString());
        } else if (report.isEmpty()) {
            out.println("No decisions yet: no candidate has been compared.");
        } else {
            out.print(report.table(now));
        }
        out.flush();
    }
}
