package dev.understudy.rows;

import dev.understudy.domain.FileProblem;
import dev.understudy.model.ModelSignature;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads rows of features one by one, from CSV or JSON lines. What cannot be read as a row is a {@link Row.Bad} and not
 * the end.
 */
public final class RowReader implements AutoCloseable {
    private final String name;
    private final LineSource lines;
    private final RowParser parser;
    private long number;

    private RowReader(String name, LineSource lines, RowParser parser) {
        this.name = name;
        this.lines = lines;
        this.parser = parser;
    }

    /**
     * Opens a file.
     *
     * @param signature what the model expects: then the cells of a CSV file are read as the types of its inputs
     */
    public static RowReader open(Path file, RowFormat format, RowColumns columns, Optional<ModelSignature> signature)
            throws RowsException {
        if (!Files.exists(file)) {
            throw new RowsException(file + " does not exist; a CSV file or JSON lines are expected");
        }
        if (Files.isDirectory(file)) {
            throw new RowsException(file + " is a directory; a CSV file or JSON lines are expected");
        }
        try {
            RowFormat known = format == RowFormat.AUTO ? RowFormat.of(file.toString()) : format;
            return read(Files.newInputStream(file), file.toString(), known, columns, signature);
        } catch (IOException unreadable) {
            throw new RowsException(file + " cannot be read: " + FileProblem.of(file, unreadable), unreadable);
        }
    }

    /**
     * Reads a stream, such as standard input. It is closed with the reader.
     *
     * @param name for messages
     */
    public static RowReader read(
            InputStream stream, String name, RowFormat format, RowColumns columns, Optional<ModelSignature> signature)
            throws RowsException {
        // Bytes that are not UTF-8 become U+FFFD here, and their row a bad one.
        LineSource lines = new LineSource(new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8)));
        try {
            String first = lines.nextWritten();
            if (first == null) {
                throw new RowsException(name + " is empty; a CSV file with a header or JSON lines are expected");
            }
            RowFormat known = format;
            if (known == RowFormat.AUTO) {
                char begin = first.stripLeading().charAt(0);
                known = begin == '{' || begin == '[' ? RowFormat.JSON : RowFormat.CSV;
            }
            RowParser parser;
            if (known == RowFormat.JSON) {
                lines.putBack(List.of(first));
                parser = new JsonRows();
            } else {
                parser = CsvRows.begin(name, first, lines, columns, signature);
            }
            return new RowReader(name, lines, parser);
        } catch (IOException unreadable) {
            throw new RowsException(name + " cannot be read: " + FileProblem.of(unreadable), unreadable);
        }
    }

    /** The next row, or null after the last. */
    public @Nullable Row next() throws RowsException {
        try {
            Row row = parser.next(lines, number);
            number++;
            return row;
        } catch (IOException unreadable) {
            throw new RowsException(
                    name + " cannot be read beyond line " + lines.number() + ": " + FileProblem.of(unreadable),
                    unreadable);
        }
    }

    @Override
    public void close() throws RowsException {
        try {
            lines.close();
        } catch (IOException failed) {
            throw new RowsException(name + " cannot be closed: " + FileProblem.of(failed), failed);
        }
    }
}
