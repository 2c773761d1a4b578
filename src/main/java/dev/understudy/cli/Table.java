package dev.understudy.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** A table for people: columns as wide as their widest cell, numbers to the right. */
final class Table {
    private final List<String> header;
    private final List<List<String>> rows = new ArrayList<>();

    /** What all rows together say of a column; looked up once, not by each of its cells. */
    private record Column(int width, boolean isNumeric) {}

    Table(String... header) {
        this.header = List.of(header);
    }

    /** Adds a row; it must have as many cells as the header. */
    Table row(String... cells) {
        if (cells.length != header.size()) {
            throw new IllegalArgumentException("a row needs " + header.size() + " cells, had " + cells.length);
        }
        rows.add(List.of(cells));
        return this;
    }

    @Override
    public String toString() {
        List<Column> columns =
                IntStream.range(0, header.size()).mapToObj(this::column).toList();
        StringBuilder text = new StringBuilder();
        appendLine(text, columns, header, !rows.isEmpty());
        rows.forEach(row -> appendLine(text, columns, row, true));
        return text.toString();
    }

    private static void appendLine(StringBuilder text, List<Column> columns, List<String> cells, boolean alignNumbers) {
        StringBuilder line = new StringBuilder();
        for (int n = 0; n < cells.size(); n++) {
            String cell = cells.get(n);
            Column column = columns.get(n);
            String padding = " ".repeat(column.width() - cell.length());
            line.append(column.isNumeric() && alignNumbers ? padding + cell : cell + padding)
                    .append("  ");
        }
        text.append(line.toString().stripTrailing()).append(System.lineSeparator());
    }

    private Column column(int n) {
        return new Column(
                rows.stream()
                        .mapToInt(row -> row.get(n).length())
                        .reduce(header.get(n).length(), Math::max),
                rows.stream().allMatch(row -> row.get(n).matches("[-+0-9.,%]*( [a-zµ]{1,3})?")));
    }
}
