package dev.understudy.rows;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Lines with their numbers; lines that were read too far can be put back. */
final class LineSource implements AutoCloseable {
    private final BufferedReader reader;
    private final Deque<String> putBack = new ArrayDeque<>();
    private long number;

    LineSource(BufferedReader reader) {
        this.reader = reader;
    }

    @Nullable
    String next() throws IOException {
        String line = putBack.isEmpty() ? reader.readLine() : putBack.poll();
        if (line != null) {
            number++;
            if (number == 1 && line.startsWith("\uFEFF")) {
                return line.substring(1);
            }
        }
        return line;
    }

    /** The next line that is not blank. */
    @Nullable
    String nextWritten() throws IOException {
        for (String line = next(); line != null; line = next()) {
            if (!line.isBlank()) {
                return line;
            }
        }
        return null;
    }

    /** Number of the line given last, from 1. */
    long number() {
        return number;
    }

    /** The given lines, which were the last, come again. */
    void putBack(List<String> lines) {
        for (int i = lines.size() - 1; i >= 0; i--) {
            putBack.push(lines.get(i));
        }
        number -= lines.size();
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }
}
