package dev.understudy.rows;

import java.util.Locale;

/** How a file of rows is written. */
public enum RowFormat {
    /** By the file's extension, else by its first character. */
    AUTO,
    /** Comma, semicolon or tab between cells, as in RFC 4180; with a header unless told otherwise. */
    CSV,
    /** One JSON object a line. */
    JSON;

    /** What a file's ending says. */
    public static RowFormat of(String fileName) {
        String lower = fileName.toLowerCase(Locale.ROOT);
        if (lower.endsWith(".csv") || lower.endsWith(".tsv")) {
            return CSV;
        }
        if (lower.endsWith(".jsonl") || lower.endsWith(".ndjson") || lower.endsWith(".json")) {
            return JSON;
        }
        return AUTO;
    }
}
