package dev.understudy.model.onnx;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.understudy.domain.Features;
import dev.understudy.rows.Row;
import dev.understudy.rows.RowColumns;
import dev.understudy.rows.RowFormat;
import dev.understudy.rows.RowReader;
import dev.understudy.rows.RowsException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Models of the tests and what Python computed for them (scripts/train_test_models.py). */
final class Expectations {
    static final Path MODELS = Path.of("src/test/resources/models");
    private static final Path EXPECTED = Path.of("src/test/resources/expected");

    private Expectations() {}

    static JsonNode json(String name) {
        try {
            return new ObjectMapper().readTree(EXPECTED.resolve(name).toFile());
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    static OnnxModel model(String name) throws Exception {
        return OnnxModel.open(MODELS.resolve(name), OnnxSettings.strict());
    }

    /** One row, as it would stand in a JSON lines file. */
    static Features row(String features) {
        return rows(List.of(features)).get(0);
    }

    static List<Features> rows(List<String> features) {
        StringBuilder lines = new StringBuilder();
        features.forEach(f -> lines.append("{\"features\":").append(f).append("}\n"));
        return read(new ByteArrayInputStream(lines.toString().getBytes(StandardCharsets.UTF_8)), RowFormat.JSON);
    }

    static List<Features> read(java.io.InputStream stream, RowFormat format) {
        try (RowReader reader = RowReader.read(stream, "test", format, RowColumns.onlyFeatures(), Optional.empty())) {
            List<Features> rows = new ArrayList<>();
            for (Row row = reader.next(); row != null; row = reader.next()) {
                if (row instanceof Row.Good good) {
                    rows.add(good.features());
                } else {
                    throw new IllegalStateException("not a row: " + row);
                }
            }
            return rows;
        } catch (RowsException unreadable) {
            throw new IllegalStateException(unreadable);
        }
    }

    /** The rows of a model in models.json. */
    static List<Features> rows(JsonNode expected) {
        List<String> features = new ArrayList<>();
        expected.get("rows").forEach(row -> features.add(row.get("features").toString()));
        return rows(features);
    }
}
