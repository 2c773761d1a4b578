package dev.understudy.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.understudy.app.Understudy;
import dev.understudy.doctor.Doctor;
import dev.understudy.doctor.Finding;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "doctor",
        description = {
            "Examine the deployment from this machine: configuration, brokers, topics, whether the stages run, registry and"
                    + " schemas, flags, models, models on the latest requests, clocks, disk. It says what to do, and writes"
                    + " nothing anywhere.",
            "Models are loaded and called in this process. Exits with 1 when something FAILED."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  understudy doctor -c understudy.yaml",
            "  understudy doctor --samples 1000 --format json | jq '.[] | select(.state != \"OK\")'"
        })
final class DoctorCommand implements Callable<Integer> {
    private static final int MOST_SAMPLES = 10_000;

    @Spec
    private CommandSpec spec;

    @Mixin
    private ConfigOptions config;

    @Option(
            names = "--samples",
            defaultValue = "100",
            paramLabel = "N",
            description = "How many of the latest requests the models are tried on (default: ${DEFAULT-VALUE}).")
    private int samples;

    @Option(names = "--must-run", description = "A stage that runs nowhere FAILED; without, that is a warning.")
    private boolean mustRun;

    @Option(names = "--format", defaultValue = "table", description = "table or json (default: ${DEFAULT-VALUE}).")
    private Format format;

    @Override
    public Integer call() {
        new OptionValues(spec)
                .require(
                        samples >= 1 && samples <= MOST_SAMPLES,
                        "--samples must be 1 to " + Numbers.whole(MOST_SAMPLES) + " requests, was " + samples);
        PrintWriter out = spec.commandLine().getOut();
        try (Understudy understudy = Understudy.of(config.load())) {
            List<Finding> findings = Doctor.of(understudy, samples, mustRun, Clock.systemUTC())
                    .examine(finding -> {
                        if (format == Format.TABLE) {
                            out.println(line(finding));
                            out.flush();
                        }
                    });
            if (format == Format.JSON) {
                out.println(json(findings).toPrettyString());
                out.flush();
            }
            return findings.stream().anyMatch(finding -> finding.state() == Finding.State.FAILED) ? 1 : 0;
        }
    }

    private static String line(Finding finding) {
        return String.format(Locale.ROOT, "%-8s %-14s %s", finding.state(), finding.check(), finding.what());
    }

    private static ArrayNode json(List<Finding> findings) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        findings.forEach(finding -> array.addObject()
                .put("check", finding.check())
                .put("state", finding.state().name())
                .put("what", finding.what()));
        return array;
    }
}
