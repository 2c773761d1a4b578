package dev.understudy.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.bench.BenchResult;
import dev.understudy.bench.Variant;
import java.util.List;
import java.util.Map;

/** Figures of a benchmark, for people and for programs. */
final class BenchReport {
    private static final String NL = System.lineSeparator();
    private static final List<Ratio> RATIOS = List.of(
            new Ratio(Variant.SCORE, Variant.COPY),
            new Ratio(Variant.SCORE, Variant.BARE),
            new Ratio(Variant.NAIVE, Variant.SCORE),
            new Ratio(Variant.SCORE_AND_FORK, Variant.SCORE),
            new Ratio(Variant.PIPELINE, Variant.SCORE));

    private record Ratio(Variant of, Variant over) {
        String name() {
            return of + "/" + over;
        }
    }

    private BenchReport() {}

    static String text(List<BenchResult> results) {
        StringBuilder text = new StringBuilder();
        for (BenchResult result : results) {
            text.append(result.model()).append(NL);
            Table table = new Table("variant", "µs CPU/record", "min", "max", "records/s", "bytes/record");
            result.variants().forEach((variant, figures) -> {
                table.row(
                        variant.toString(),
                        Numbers.decimals(figures.cpuMicrosPerRecord().median()),
                        Numbers.decimals(figures.cpuMicrosPerRecord().min()),
                        Numbers.decimals(figures.cpuMicrosPerRecord().max()),
                        Numbers.whole(figures.recordsPerSecond().median()),
                        Numbers.whole(figures.bytesPerRecord().median()));
                figures.cpuMicrosByStage()
                        .forEach((stage, micros) -> table.row("  " + stage, Numbers.decimals(micros), "", "", "", ""));
            });
            text.append(table.toString().indent(2));
            for (Ratio ratio : RATIOS) {
                result.ratio(ratio.of(), ratio.over())
                        .ifPresent(value -> text.append("  ")
                                .append(ratio.name())
                                .append(' ')
                                .append(Numbers.decimals(value))
                                .append(NL));
            }
        }
        return text.toString();
    }

    static ObjectNode json(List<BenchResult> results) {
        ObjectNode json = BenchJson.report();
        ArrayNode runs = json.putArray("runs");
        ObjectNode ratios = json.putObject("ratios");
        for (BenchResult result : results) {
            for (Map.Entry<Variant, BenchResult.Figures> entry :
                    result.variants().entrySet()) {
                BenchResult.Figures figures = entry.getValue();
                ObjectNode run = runs.addObject();
                run.put("variant", entry.getKey().toString());
                run.put("model", result.model());
                run.set("cpuMicrosPerRecord", BenchJson.spread(figures.cpuMicrosPerRecord()));
                if (!figures.cpuMicrosByStage().isEmpty()) {
                    ObjectNode stages = run.putObject("cpuMicrosByStage");
                    figures.cpuMicrosByStage().forEach(stages::put);
                }
                run.set("recordsPerSecond", BenchJson.spread(figures.recordsPerSecond()));
                run.put("bytesPerRecord", figures.bytesPerRecord().median());
            }
            // One model has the ratios as they are, several have them by model.
            ObjectNode own = results.size() == 1 ? ratios : ratios.putObject(result.model());
            for (Ratio ratio : RATIOS) {
                result.ratio(ratio.of(), ratio.over()).ifPresent(value -> own.put(ratio.name(), value));
            }
        }
        return json;
    }
}
