package dev.understudy.rows;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import dev.understudy.domain.FeatureMap;
import dev.understudy.domain.FeatureValue;
import dev.understudy.model.ModelSignature;
import dev.understudy.model.ModelSignature.ElementType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * CSV, one record at a time. Jackson splits the cells of a record; which lines make up a record is decided here, so
 * that a bad one has a line number and does not take the rest of the file with it. An empty cell is a missing value.
 */
final class CsvRows implements RowParser {
    /** A quoted cell may span lines, but a quote that is never closed must not swallow the file. */
    private static final int MOST_LINES = 100;

    private static final Pattern NUMBER = Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?");
    private static final Pattern WHOLE = Pattern.compile("[+-]?\\d{1,18}");

    private enum Kind {
        FEATURE,
        REQUEST_ID,
        ENTITY_ID,
        ATTRIBUTE,
        OUTCOME,
        IGNORED
    }

    /** How the cells of a feature are read. */
    private enum Reading {
        GUESSED,
        NUMBER,
        BOOLEAN,
        TEXT,
        VECTOR
    }

    private record Column(String name, Kind kind, Reading reading) {}

    private final ObjectReader splitter;
    private final List<Column> columns;

    private CsvRows(ObjectReader splitter, List<Column> columns) {
        this.splitter = splitter;
        this.columns = columns;
    }

    static CsvRows begin(
            String file, String first, LineSource lines, RowColumns special, Optional<ModelSignature> signature)
            throws RowsException, IOException {
        lines.putBack(List.of(first));
        Lines record = record(lines);
        char separator = separator(first);
        ObjectReader splitter = CsvMapper.builder()
                .enable(CsvParser.Feature.TRIM_SPACES)
                .build()
                .readerForArrayOf(String.class)
                .with(CsvSchema.emptySchema().withColumnSeparator(separator));
        String[] cells = split(splitter, record.text);
        if (!record.closed || cells == null) {
            throw new RowsException(file + ": the first line is not CSV: a quote is opened and never closed");
        }
        List<String> names = new ArrayList<>();
        for (int i = 0; i < cells.length; i++) {
            names.add(special.header() && !cells[i].isEmpty() ? cells[i] : "f" + i);
        }
        Set<String> seen = new HashSet<>();
        for (String name : names) {
            if (!seen.add(name)) {
                throw new RowsException(
                        file + ": the header names '" + name + "' twice; each column needs its own name");
            }
        }
        for (String name : special.named()) {
            if (!seen.contains(name)) {
                throw new RowsException(
                        file + " has no column '" + name + "'; its columns are " + String.join(", ", names));
            }
        }
        Map<String, Reading> readings = signature.map(CsvRows::readings).orElse(Map.of());
        List<Column> columns = new ArrayList<>();
        for (String name : names) {
            Kind kind = kind(name, special);
            columns.add(new Column(name, kind, readings.getOrDefault(name, Reading.GUESSED)));
        }
        if (!special.header()) {
            lines.putBack(record.lines);
        }
        return new CsvRows(splitter, columns);
    }

    private static Kind kind(String name, RowColumns special) {
        if (special.requestId().filter(name::equals).isPresent()) {
            return Kind.REQUEST_ID;
        }
        if (special.entityId().filter(name::equals).isPresent()) {
            return Kind.ENTITY_ID;
        }
        if (special.attributes().contains(name)) {
            return Kind.ATTRIBUTE;
        }
        if (special.outcome().filter(name::equals).isPresent()) {
            return Kind.OUTCOME;
        }
        return special.ignored().contains(name) ? Kind.IGNORED : Kind.FEATURE;
    }

    private static Map<String, Reading> readings(ModelSignature signature) {
        Map<String, Reading> readings = new HashMap<>();
        for (ModelSignature.Input input : signature.inputs()) {
            long elements = input.shape().stream()
                    .skip(1)
                    .mapToLong(dimension -> dimension)
                    .reduce(1, (a, b) -> a * b);
            boolean vector = input.features().size() == 1 && elements != 1;
            for (String feature : input.features()) {
                readings.put(feature, vector ? Reading.VECTOR : reading(input.type()));
            }
            readings.putIfAbsent(input.name(), elements == 1 ? reading(input.type()) : Reading.VECTOR);
        }
        return readings;
    }

    private static Reading reading(ElementType type) {
        return switch (type) {
            case FLOAT, DOUBLE, INT64, INT32 -> Reading.NUMBER;
            case BOOL -> Reading.BOOLEAN;
            case STRING -> Reading.TEXT;
        };
    }

    @Override
    public @Nullable Row next(LineSource lines, long number) throws IOException {
        String written = lines.nextWritten();
        if (written == null) {
            return null;
        }
        lines.putBack(List.of(written));
        long line = lines.number() + 1;
        Lines record = record(lines);
        if (!record.closed) {
            return new Row.Bad(number, line, "line " + line + ": a quote is opened and never closed");
        }
        if (record.text.indexOf('\uFFFD') >= 0) {
            return new Row.Bad(number, line, "line " + line + ": not valid UTF-8");
        }
        String[] cells = split(splitter, record.text);
        if (cells == null) {
            return new Row.Bad(number, line, "line " + line + ": not valid CSV");
        }
        if (cells.length != columns.size()) {
            return new Row.Bad(
                    number,
                    line,
                    "line " + line + " has " + cells.length + (cells.length == 1 ? " cell" : " cells") + "; "
                            + columns.size() + " are expected");
        }
        return row(cells, number, line);
    }

    private Row row(String[] cells, long number, long line) {
        Map<String, FeatureValue> features = new LinkedHashMap<>();
        Map<String, String> attributes = new LinkedHashMap<>();
        Optional<String> requestId = Optional.empty();
        Optional<String> entityId = Optional.empty();
        Optional<String> outcome = Optional.empty();
        for (int i = 0; i < cells.length; i++) {
            Column column = columns.get(i);
            String cell = cells[i];
            switch (column.kind) {
                case FEATURE -> features.put(column.name, value(cell, column.reading));
                case REQUEST_ID -> requestId = given(cell);
                case ENTITY_ID -> entityId = given(cell);
                case ATTRIBUTE -> {
                    if (!cell.isEmpty()) {
                        attributes.put(column.name, cell);
                    }
                }
                case OUTCOME -> outcome = given(cell);
                case IGNORED -> {}
            }
        }
        return new Row.Good(number, line, new FeatureMap(features), requestId, entityId, attributes, outcome);
    }

    private static Optional<String> given(String cell) {
        return cell.isEmpty() ? Optional.empty() : Optional.of(cell);
    }

    /** What cannot be read as the model expects stays text, and the model says what is wrong with it. */
    private static FeatureValue value(String cell, Reading reading) {
        if (cell.isEmpty()) {
            return new FeatureValue.Missing();
        }
        return switch (reading) {
            case TEXT -> new FeatureValue.Text(cell);
            case NUMBER -> number(cell);
            case BOOLEAN -> bool(cell);
            case VECTOR -> vector(cell);
            case GUESSED -> cell.startsWith("[") ? vector(cell) : guessed(cell);
        };
    }

    private static FeatureValue guessed(String cell) {
        return cell.equals("true") || cell.equals("false") || cell.equals("True") || cell.equals("False")
                ? new FeatureValue.Bool(Boolean.parseBoolean(cell))
                : plainNumber(cell);
    }

    private static FeatureValue number(String cell) {
        if (cell.equalsIgnoreCase("nan")) {
            return new FeatureValue.Real(Double.NaN);
        }
        FeatureValue value = plainNumber(cell);
        return value instanceof FeatureValue.Text ? guessed(cell) : value;
    }

    private static FeatureValue plainNumber(String cell) {
        if (WHOLE.matcher(cell).matches()) {
            return new FeatureValue.Whole(Long.parseLong(cell));
        }
        if (NUMBER.matcher(cell).matches()) {
            return new FeatureValue.Real(Double.parseDouble(cell));
        }
        return new FeatureValue.Text(cell);
    }

    private static FeatureValue bool(String cell) {
        return switch (cell) {
            case "1" -> new FeatureValue.Bool(true);
            case "0" -> new FeatureValue.Bool(false);
            default -> guessed(cell);
        };
    }

    /** Numbers between optional brackets, apart by commas, semicolons or blanks. */
    private static FeatureValue vector(String cell) {
        String inner = cell.startsWith("[") && cell.endsWith("]") ? cell.substring(1, cell.length() - 1) : cell;
        String[] parts = inner.strip().split("[,;\\s]+", -1);
        double[] values = new double[parts.length];
        for (int i = 0; i < parts.length; i++) {
            FeatureValue value = number(parts[i]);
            if (value instanceof FeatureValue.Whole whole) {
                values[i] = whole.value();
            } else if (value instanceof FeatureValue.Real real) {
                values[i] = real.value();
            } else {
                return new FeatureValue.Text(cell);
            }
        }
        return new FeatureValue.Vector(values);
    }

    /** The lines of one record. */
    private record Lines(List<String> lines, String text, boolean closed) {}

    /** Takes lines until every quote is closed; if none closes it, only the first line is taken. */
    private static Lines record(LineSource source) throws IOException {
        List<String> lines = new ArrayList<>();
        boolean open = false;
        do {
            String line = source.next();
            if (line == null) {
                break;
            }
            lines.add(line);
            open ^= (line.chars().filter(c -> c == '"').count() & 1) == 1;
        } while (open && lines.size() < MOST_LINES);
        if (open) {
            source.putBack(lines.subList(1, lines.size()));
            return new Lines(lines.subList(0, 1), lines.get(0), false);
        }
        return new Lines(lines, String.join("\n", lines), true);
    }

    private static String @Nullable [] split(ObjectReader splitter, String record) throws IOException {
        try {
            return splitter.readValue(record);
        } catch (JsonProcessingException notCsv) {
            return null;
        }
    }

    /** The first line tells: commas, unless there are none and there are semicolons or tabs. */
    private static char separator(String first) {
        if (first.indexOf(',') < 0) {
            if (first.indexOf('\t') >= 0) {
                return '\t';
            }
            if (first.indexOf(';') >= 0) {
                return ';';
            }
        }
        return ',';
    }
}
