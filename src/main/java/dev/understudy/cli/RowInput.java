package dev.understudy.cli;

import dev.understudy.model.ModelSignature;
import dev.understudy.rows.JsonLines;
import dev.understudy.rows.RowColumns;
import dev.understudy.rows.RowFormat;
import dev.understudy.rows.RowReader;
import dev.understudy.rows.RowsException;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Where rows come from. */
final class RowInput {
    private static final String STANDARD_INPUT = "-";

    @Option(
            names = "--input",
            required = true,
            paramLabel = "FILE",
            description = "CSV with a header, or JSON lines; - for standard input.")
    private String input;

    @Option(
            names = "--input-format",
            defaultValue = "auto",
            description = "auto, csv or json (default: ${DEFAULT-VALUE}, by the file's ending or first character).")
    private RowFormat format;

    @Option(names = "--no-header", description = "The first line of the CSV is a row; columns are f0, f1, ...")
    private boolean noHeader;

    boolean header() {
        return !noHeader;
    }

    /** True for CSV. Standard input is JSON lines unless --input-format says otherwise. */
    boolean isCsv() {
        return (format == RowFormat.AUTO ? RowFormat.of(input) : format) == RowFormat.CSV;
    }

    /** For objects that are no rows of features. */
    JsonLines openLines() throws RowsException {
        return openLines(input);
    }

    /** A file of JSON lines, or standard input. */
    static JsonLines openLines(String input) throws RowsException {
        return input.equals(STANDARD_INPUT)
                ? JsonLines.read(System.in, "standard input")
                : JsonLines.open(Path.of(input));
    }

    RowReader open(RowColumns columns, Optional<ModelSignature> signature) throws RowsException {
        return input.equals(STANDARD_INPUT)
                ? RowReader.read(System.in, "standard input", format, columns, signature)
                : RowReader.open(Path.of(input), format, columns, signature);
    }
}
