package dev.understudy.cli;

import java.util.ArrayList;
import java.util.List;

/** A table for people: columns as wide as their widest cell, numbers to the right. */
final class Table {
    private final List<String> header;
    private final List<List<String>> rows = new ArrayList<>();

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
        StringBuilder text = new StringBuilder();
        appendLine(text, header, false);
        rows.forEach(row -> appendLine(text, row, true));
        return text.toString();
    }

    private void appendLine(StringBuilder text, List<String> cells, boolean alignNumbers) {
        StringBuilder line = new StringBuilder();
        for (int column = 0; column < cells.size(); column++) {
            String cell = cells.get(column);
            String padding = " ".repeat(width(column) - cell.length());
            boolean right = isNumeric(column) && (alignNumbers || !rows.isEmpty());
            line.append(right ? padding + cell : cell + padding).append("  ");
        }
        text.append(line.toString().stripTrailing()).append(System.lineSeparator());
    }

    private int width(int column) {
        return rows.stream()
                .mapToInt(row -> row.get(column).length())
                .reduce(header.get(column).length(), Math::max);
    }

    private boolean isNumeric(int column) {
        return rows.stream().allMatch(row -> row.get(column).matches("[-+0-9.,%]*( [a-zµ]{1,3})?"));
    }
}
