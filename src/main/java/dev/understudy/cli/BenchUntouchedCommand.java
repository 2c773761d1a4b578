package dev.understudy.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.bench.Scenario;
import dev.understudy.bench.Spread;
import dev.understudy.bench.UntouchedBench;
import dev.understudy.bench.UntouchedResult;
import dev.understudy.bench.UntouchedSettings;
import dev.understudy.model.ModelException;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "untouched",
        description = {
            "Measure whether a candidate that is slow, hangs, fails or crashes its process does anything to production.",
            "SCORE at a rate well below saturation, open loop, with each kind of candidate in shadow and with none, in turn;"
                    + " the shadow path on a core of its own. Reports the ledger of each candidate too."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  understudy bench untouched --quick",
            "  understudy bench untouched --rounds 3 --format json",
            "  understudy bench untouched --scenarios off,slow --no-pin",
            "",
            "Scenarios: off (no candidate; twice a round), healthy (the same model), slow (100 times as dear), hangs (within"
                    + " ONNX Runtime, for hours), throws (every call fails), crashes (SIGFPE)."
        })
final class BenchUntouchedCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--quick",
            description = "One round, few seconds, off and throws: says whether it works, not how fast it is.")
    private boolean quick;

    @Option(names = "--scenarios", split = ",", paramLabel = "SCENARIO", description = "Only these (default: all).")
    private @Nullable List<String> scenarios;

    @Option(names = "--rate", defaultValue = "1000", description = "Requests a second (default: ${DEFAULT-VALUE}).")
    private int rate;

    @Option(
            names = "--seconds",
            description = "Measured in each scenario, after some that are not (default: 30 after 5, quick: 5 after 1).")
    private @Nullable Integer seconds;

    @Option(names = "--rounds", description = "Rounds of each scenario (default: 3, quick: 1).")
    private @Nullable Integer rounds;

    @Option(names = "--no-pin", description = "Let the shadow path share all cores with production.")
    private boolean shared;

    @Mixin
    private BenchOptions options;

    @Override
    public Integer call() throws ModelException, IOException {
        OptionValues values = new OptionValues(spec);
        List<String> names = scenarios;
        List<Scenario> wanted = names == null
                ? quick ? List.of(Scenario.OFF, Scenario.THROWS) : Arrays.asList(Scenario.values())
                : values.read(
                        "--scenarios: ",
                        () -> names.stream().map(Scenario::parse).toList());
        UntouchedSettings settings = values.read(
                "",
                () -> new UntouchedSettings(
                        BenchCommand.models("bench-linear"),
                        options.directory(),
                        options.partitions(),
                        rate,
                        quick ? 5_000 : 100_000,
                        Duration.ofSeconds(quick ? 1 : 5),
                        Duration.ofSeconds(seconds != null ? seconds : quick ? 5 : 30),
                        rounds != null ? rounds : quick ? 1 : 3,
                        !shared,
                        wanted));
        // Before this process is pinned: the report names the cores of the machine.
        ObjectNode report = BenchJson.report();
        UntouchedResult result =
                new UntouchedBench(settings, RunCommand::stageProcess, line -> BenchCommand.say(spec, line)).run();
        options.print(spec, () -> json(report, settings, result), () -> text(settings, result));
        return 0;
    }

    private static String text(UntouchedSettings settings, UntouchedResult result) {
        Table latency = new Table("candidate", "p50 ms", "p99 ms", "min", "max", "p99.9 ms", "answers/s", "as off");
        Table ledger = new Table(
                "candidate",
                "eligible",
                "compared",
                "failed",
                "timed out",
                "quarantined",
                "shed",
                "balanced",
                "restarts");
        for (UntouchedResult.BesideCandidate beside : result.scenarios()) {
            latency.row(
                    beside.scenario().toString(),
                    Numbers.decimals(beside.p50Millis().median()),
                    Numbers.decimals(beside.p99Millis().median()),
                    Numbers.decimals(beside.p99Millis().min()),
                    Numbers.decimals(beside.p99Millis().max()),
                    Numbers.decimals(beside.p999Millis().median()),
                    Numbers.whole(beside.answeredPerSecond().median()),
                    settings.rounds() == 1
                            ? "" // two measurements of off say nothing about how far it differs from itself
                            : beside.withinOff()
                                    .map(within -> within ? "yes" : "NO")
                                    .orElse(""));
            beside.shadow()
                    .ifPresent(shadow -> ledger.row(
                            beside.scenario().toString(),
                            Numbers.whole(shadow.eligible()),
                            Numbers.whole(shadow.compared()),
                            Numbers.whole(shadow.failed()),
                            Numbers.whole(shadow.timedOut()),
                            Numbers.whole(shadow.quarantined()),
                            Numbers.whole(shadow.shed()),
                            shadow.balanced() ? "yes" : "NO",
                            Numbers.whole(shadow.restarts())));
        }
        return latency + System.lineSeparator() + ledger;
    }

    private static ObjectNode json(ObjectNode json, UntouchedSettings settings, UntouchedResult result) {
        json.put("requestsPerSecond", settings.rate());
        json.put("rounds", settings.rounds());
        json.put("measuredSeconds", settings.measured().toSeconds());
        json.put("shadowHasItsOwnCore", settings.pinned());
        ArrayNode scenarios = json.putArray("scenarios");
        for (UntouchedResult.BesideCandidate beside : result.scenarios()) {
            ObjectNode one = scenarios.addObject();
            one.put("scenario", beside.scenario().toString());
            spread(one, "p50Millis", beside.p50Millis());
            spread(one, "p99Millis", beside.p99Millis());
            spread(one, "p999Millis", beside.p999Millis());
            spread(one, "answeredPerSecond", beside.answeredPerSecond());
            one.put("missing", beside.missing());
            beside.withinOff().ifPresent(within -> one.put("p99WithinOff", within));
            beside.shadow().ifPresent(shadow -> {
                ObjectNode ledger = one.putObject("ledger");
                ledger.put("eligible", shadow.eligible());
                ledger.put("compared", shadow.compared());
                ledger.put("failed", shadow.failed());
                ledger.put("timedOut", shadow.timedOut());
                ledger.put("quarantined", shadow.quarantined());
                ledger.put("shed", shadow.shed());
                ledger.put("balanced", shadow.balanced());
                one.put("restarts", shadow.restarts());
            });
        }
        return json;
    }

    private static void spread(ObjectNode onto, String name, Spread spread) {
        onto.set(name, BenchJson.spread(spread));
    }
}
