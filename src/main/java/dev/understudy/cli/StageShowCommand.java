package dev.understudy.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.app.Understudy;
import dev.understudy.domain.DeclaredStage;
import dev.understudy.domain.DurationText;
import dev.understudy.domain.References;
import java.io.PrintWriter;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "show",
        description = "Show the rollout stages in force.",
        footerHeading = "%nExamples:%n",
        footer = "  understudy stage show --format json | jq '.[].epoch'")
final class StageShowCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ConfigOptions config;

    @Option(names = "--format", defaultValue = "table", description = "table or json (default: ${DEFAULT-VALUE}).")
    private Format format;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        try (Understudy understudy = Understudy.of(config.load())) {
            List<DeclaredStage> stages = understudy.declaredStages().stream()
                    .sorted(Comparator.comparingLong(DeclaredStage::epoch))
                    .toList();
            if (format == Format.JSON) {
                out.println(json(stages).toPrettyString());
            } else if (stages.isEmpty()) {
                out.println("No stage is declared: what is shadowed is so without one, in epoch 0.");
            } else {
                Table table = new Table(
                        "epoch",
                        "model",
                        "production",
                        "candidate",
                        "percent",
                        "since",
                        "hold",
                        "p99 batch",
                        "candidates");
                stages.forEach(stage -> table.row(
                        Long.toString(stage.epoch()),
                        stage.pair().model(),
                        stage.pair().production().name(),
                        stage.pair().candidate().name(),
                        Integer.toString(stage.percent()),
                        stage.since().toString(),
                        DurationText.format(stage.hold()),
                        stage.references().tailNanos().isPresent()
                                ? DurationText.formatNanos(
                                        (double) stage.references().tailNanos().getAsLong())
                                : "-",
                        Integer.toString(stage.candidates())));
                out.print(table);
            }
            out.flush();
        }
        return 0;
    }

    private static ArrayNode json(List<DeclaredStage> stages) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        stages.forEach(stage -> array.add(json(stage)));
        return array;
    }

    static ObjectNode json(DeclaredStage stage) {
        ObjectNode node = JsonNodeFactory.instance
                .objectNode()
                .put("epoch", stage.epoch())
                .put("model", stage.pair().model())
                .put("productionVersion", stage.pair().production().name())
                .put("candidateVersion", stage.pair().candidate().name())
                .put("percent", stage.percent())
                .put("since", stage.since().toString())
                .put("holdSeconds", stage.hold().toSeconds());
        stage.margins().forEach(node.putObject("margins")::put);
        References references = stage.references();
        references.tailNanos().ifPresentOrElse(nanos -> node.put("tailNanos", nanos), () -> node.putNull("tailNanos"));
        node.put("tailTolerance", references.tailTolerance());
        references.deciles().forEach(node.putArray("deciles")::add);
        references
                .valueBound()
                .ifPresentOrElse(bound -> node.put("valueBound", bound), () -> node.putNull("valueBound"));
        references
                .businessBound()
                .ifPresentOrElse(bound -> node.put("businessBound", bound), () -> node.putNull("businessBound"));
        node.put("candidates", stage.candidates());
        return node;
    }
}
