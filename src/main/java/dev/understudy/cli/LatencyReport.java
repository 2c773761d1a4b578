package dev.understudy.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.bench.LatencyConfiguration;
import dev.understudy.bench.LatencyResult;
import dev.understudy.domain.DurationText;

/** Latencies, for people and for programs. */
final class LatencyReport {
    private static final String NL = System.lineSeparator();

    private LatencyReport() {}

    static String text(LatencyResult result) {
        Table table = new Table(
                "guarantee",
                "commit",
                "linger",
                "requests/s",
                "p50 ms",
                "p99 ms",
                "p99 min",
                "p99 max",
                "p99.9 ms",
                "max ms",
                "requests",
                "repeats",
                "missing");
        for (LatencyResult.AtRate row : result.latency()) {
            LatencyConfiguration configuration = row.configuration();
            table.row(
                    configuration.guaranteeName(),
                    DurationText.format(configuration.commitInterval()),
                    DurationText.format(configuration.linger()),
                    Numbers.whole(row.perSecond().median()),
                    Numbers.decimals(row.p50Millis().median()),
                    Numbers.decimals(row.p99Millis().median()),
                    Numbers.decimals(row.p99Millis().min()),
                    Numbers.decimals(row.p99Millis().max()),
                    Numbers.decimals(row.p999Millis().median()),
                    Numbers.decimals(row.maxMillis().median()),
                    Long.toString(row.requests()),
                    Long.toString(row.repeats()),
                    Long.toString(row.missing()));
        }
        StringBuilder text = new StringBuilder(table.toString());
        for (LatencyResult.Saturation saturation : result.saturation()) {
            text.append("saturation, ")
                    .append(saturation.configuration())
                    .append(": ")
                    .append(Numbers.whole(saturation.recordsPerSecond().median()))
                    .append(" predictions/s, all processes on these ")
                    .append(Runtime.getRuntime().availableProcessors())
                    .append(" cores")
                    .append(NL);
        }
        return text.toString();
    }

    static ObjectNode json(LatencyResult result) {
        ObjectNode json = BenchJson.report();
        ArrayNode latency = json.putArray("latency");
        for (LatencyResult.AtRate row : result.latency()) {
            ObjectNode one = configuration(latency.addObject(), row.configuration());
            one.put("rate", Math.round(row.perSecond().median()));
            if (row.rate().ofSaturation()) {
                one.put("percentOfSaturation", row.rate().amount());
            }
            one.put("requests", row.requests());
            one.put("repeats", row.repeats());
            one.put("missing", row.missing());
            one.set("p50Millis", BenchJson.spread(row.p50Millis()));
            one.set("p99Millis", BenchJson.spread(row.p99Millis()));
            one.set("p999Millis", BenchJson.spread(row.p999Millis()));
            one.set("maxMillis", BenchJson.spread(row.maxMillis()));
        }
        ArrayNode saturation = json.putArray("saturation");
        for (LatencyResult.Saturation each : result.saturation()) {
            configuration(saturation.addObject(), each.configuration())
                    .set("recordsPerSecond", BenchJson.spread(each.recordsPerSecond()));
        }
        return json;
    }

    private static ObjectNode configuration(ObjectNode json, LatencyConfiguration configuration) {
        json.put("guarantee", configuration.guaranteeName());
        json.put("commitInterval", DurationText.format(configuration.commitInterval()));
        json.put("linger", DurationText.format(configuration.linger()));
        return json;
    }
}
