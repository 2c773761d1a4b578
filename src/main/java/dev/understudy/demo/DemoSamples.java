package dev.understudy.demo;

import dev.understudy.rows.Row;
import dev.understudy.rows.RowColumns;
import dev.understudy.rows.RowFormat;
import dev.understudy.rows.RowReader;
import dev.understudy.rows.RowsException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The shipped sample of card payments that the demo's traffic is drawn from. */
public record DemoSamples(List<DemoTraffic.Sample> samples) {
    private static final String REGION = "region";
    private static final RowColumns COLUMNS = new RowColumns(
            true,
            Optional.of("request_id"),
            Optional.of("entity_id"),
            List.of(REGION),
            Optional.of("label"),
            List.of());

    public DemoSamples {
        samples = List.copyOf(samples);
    }

    /** Reads them from {@code models/fraud/requests.csv}. */
    public static DemoSamples read(Path file) throws RowsException {
        List<DemoTraffic.Sample> samples = new ArrayList<>();
        try (RowReader reader = RowReader.open(file, RowFormat.CSV, COLUMNS, Optional.empty())) {
            for (Row row = reader.next(); row != null; row = reader.next()) {
                if (row instanceof Row.Good good) {
                    samples.add(new DemoTraffic.Sample(
                            good.entityId().orElseThrow(),
                            good.attributes(),
                            good.features(),
                            good.outcome().orElseThrow()));
                } else if (row instanceof Row.Bad bad) {
                    throw new RowsException(file + " line " + bad.line() + ": " + bad.message());
                }
            }
        }
        return new DemoSamples(samples);
    }

    /** The regions in the sample, sorted: the segments that evidence is kept for. */
    public List<String> regions() {
        return samples.stream()
                .map(sample -> sample.attributes().getOrDefault(REGION, ""))
                .distinct()
                .sorted()
                .toList();
    }
}
