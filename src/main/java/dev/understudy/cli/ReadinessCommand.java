package dev.understudy.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
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
            "A summary that has expired reads as HOLD. With --follow and --format json, one line per change."
        })
final class ReadinessCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ConfigOptions config;

    @Option(names = "--format", defaultValue = "table", description = "table or json (default: ${DEFAULT-VALUE}).")
    private Format format;

    @Option(names = "--follow", description = "Keep printing as the decisions change, until interrupted.")
    private boolean follow;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        try (Understudy understudy = Understudy.of(config.load());
                TopicReader<String, ReadinessSummary> reader =
                        understudy.reader(understudy.topics().rolloutReadiness())) {
            ReadinessReport report = new ReadinessReport();
            reader.readToEnd().forEach(record -> take(record, report));
            print(report, out);
            while (follow) {
                for (ConsumerRecord<String, ReadinessSummary> record : reader.poll(Duration.ofSeconds(1))) {
                    take(record, report);
                    if (record.value() != null) {
                        out.println(
                                format == Format.JSON
                                        ? ReadinessReport.json(record.value(), Instant.now())
                                        : Instant.now() + " "
                                                + ReadinessReport.explanation(record.value(), Instant.now()));
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
            ArrayNode array = JsonNodeFactory.instance.arrayNode();
            report.summaries().forEach(summary -> array.add(ReadinessReport.json(summary, now)));
            out.println(array.toPrettyString());
        } else if (report.isEmpty()) {
            out.println("No decisions yet: no candidate has been compared.");
        } else {
            out.print(report.table(now));
        }
        out.flush();
    }

    private static void take(ConsumerRecord<String, ReadinessSummary> record, ReadinessReport report) {
        if (record.value() == null) {
            report.remove(record.key());
        } else {
            report.add(record.key(), record.value());
        }
    }
}
