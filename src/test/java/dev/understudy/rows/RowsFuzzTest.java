package dev.understudy.rows;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.understudy.fuzz.Fuzz;
import dev.understudy.pairs.PairReader;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Damaged files of rows and of pairs: whatever is in them, each row is good or bad, or the file is refused. */
final class RowsFuzzTest {
    private static final List<String> CSV =
            List.of(",", ";", "\t", "\"", "\"\"", "\n", "\r", "\r\n", "\uFEFF", "\0", "1e999", "NaN", "-", "amount");

    private static byte[] head(String file) throws Exception {
        try (Stream<String> lines = Files.lines(Path.of(file))) {
            return lines.limit(5).collect(Collectors.joining("\n")).getBytes(UTF_8);
        }
    }

    @ParameterizedTest
    @EnumSource(RowFormat.class)
    void damaged_rows_are_rows_or_bad_rows(RowFormat format) throws Exception {
        List<byte[]> csv = List.of(
                head("models/fraud/requests.csv"),
                "request_id;entity_id;label\n\"a\"\"b\";\"c\nd\";1\n".getBytes(UTF_8),
                "a\tb\n1\t2\n".getBytes(UTF_8));
        List<byte[]> json = List.of("""
                {"request_id":"r","entity_id":"e","amount":12.5,"n":3,"x":[1,2.5],"t":"\u00e9","b":true,"none":null}
                {"features":{"amount":1e3},"attributes":{"region":"eu"}}
                """.getBytes(UTF_8));
        List<byte[]> good = format == RowFormat.CSV
                ? csv
                : format == RowFormat.JSON
                        ? json
                        : Stream.of(csv, json).flatMap(List::stream).toList();
        RowColumns columns = RowColumns.onlyFeatures();
        Fuzz.of(
                        "rows " + format,
                        good,
                        Stream.of(CSV, Fuzz.JSON).flatMap(List::stream).toList(),
                        Set.of(RowsException.class))
                .run(bytes -> {
                    try (RowReader reader = RowReader.read(
                            new ByteArrayInputStream(bytes), "rows", format, columns, Optional.empty())) {
                        while (reader.next() != null) {
                            // each is looked at
                        }
                    }
                });
    }

    @Test
    void damaged_pairs_are_pairs_or_bad_rows() throws Exception {
        Fuzz.of("pairs", List.of(head("examples/pairs.jsonl")), Fuzz.JSON, Set.of(RowsException.class))
                .run(bytes -> {
                    try (JsonLines lines = JsonLines.read(new ByteArrayInputStream(bytes), "pairs")) {
                        PairReader reader = new PairReader(lines, Optional.empty(), 0.5);
                        while (reader.next() != null) {
                            // each is looked at
                        }
                    }
                });
    }
}
