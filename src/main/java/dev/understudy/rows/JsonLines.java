package dev.understudy.rows;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.domain.FileProblem;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Reads JSON objects, one a line. What is not one is a {@link Line} with a problem and not the end. */
public final class JsonLines implements AutoCloseable {
    private final ObjectReader reader = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build()
            .reader();

    private final String name;
    private final LineSource lines;

    /**
     * One line.
     *
     * @param number from 1
     * @param object null where there is a problem
     * @param problem for people; empty where there is none
     */
    public record Line(long number, @Nullable ObjectNode object, String problem) {}

    private JsonLines(String name, InputStream stream) {
        this.name = name;
        this.lines = new LineSource(new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8)));
    }

    /** Opens a file. */
    public static JsonLines open(Path file) throws RowsException {
        // A pipe such as /dev/fd/63 is welcome, though it is no regular file.
        if (!Files.exists(file) || Files.isDirectory(file)) {
            throw new RowsException(
                    file + (Files.exists(file) ? " is a directory" : " does not exist") + "; JSON lines are expected");
        }
        try {
            return new JsonLines(file.toString(), Files.newInputStream(file));
        } catch (IOException unreadable) {
            throw new RowsException(file + " cannot be read: " + FileProblem.of(file, unreadable), unreadable);
        }
    }

    /**
     * Reads a stream, such as standard input. It is closed with the reader.
     *
     * @param name for messages
     */
    public static JsonLines read(InputStream stream, String name) {
        return new JsonLines(name, stream);
    }

    /** The next line that is not blank, or null after the last. */
    public @Nullable Line next() throws RowsException {
        try {
            String text = lines.nextWritten();
            return text == null ? null : parse(text, lines.number());
        } catch (IOException unreadable) {
            throw new RowsException(
                    name + " cannot be read beyond line " + lines.number() + ": " + FileProblem.of(unreadable),
                    unreadable);
        }
    }

    private Line parse(String text, long number) {
        if (text.indexOf('\uFFFD') >= 0) {
            return new Line(number, null, "not valid UTF-8");
        }
        try {
            return reader.readTree(text) instanceof ObjectNode object
                    ? new Line(number, object, "")
                    : new Line(number, null, "not a JSON object; one object a line is expected");
        } catch (JsonProcessingException notJson) {
            return new Line(number, null, JsonProblem.of(notJson));
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
