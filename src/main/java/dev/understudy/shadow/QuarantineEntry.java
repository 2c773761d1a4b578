package dev.understudy.shadow;

import dev.understudy.domain.ModelVersion;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of a version, and survives the process.
 *
 * @param shut whether it is in quarantine, or on trial after it
 * @param times how many times in a row it was; each time is twice as long as the one before
 * @param until when the quarantine ends or ended; null when it was never in one
 * @param lastDeath when the process last died during a call of it; null when it never did
 * @param reason of the last quarantine, for people; empty when there was none
 */
record QuarantineEntry(
        ModelVersion version,
        boolean shut,
        int times,
        @Nullable Instant until,
        @Nullable Instant lastDeath,
        String reason) {
    static final String COLUMNS = "version\tshut\ttimes\tuntil\tlast-death\treason";

    static QuarantineEntry none(ModelVersion version) {
        return new QuarantineEntry(version, false, 0, null, null, "");
    }

    QuarantineEntry shutUntil(Instant end, int inARow, String why) {
        return new QuarantineEntry(version, true, inARow, end, lastDeath, why.replaceAll("\\s+", " "));
    }

    QuarantineEntry released(Instant now) {
        return new QuarantineEntry(version, false, times, now, lastDeath, reason);
    }

    QuarantineEntry died(Instant now) {
        return new QuarantineEntry(version, shut, times, until, now, reason);
    }

    QuarantineEntry withoutDeath() {
        return new QuarantineEntry(version, shut, times, until, null, reason);
    }

    String line() {
        return String.join(
                "\t",
                List.of(
                        version.name(),
                        Boolean.toString(shut),
                        Integer.toString(times),
                        until == null ? "-" : until.toString(),
                        lastDeath == null ? "-" : lastDeath.toString(),
                        reason));
    }

    /**
     * Reads {@link #line}.
     *
     * @throws IllegalArgumentException if it is none
     */
    static QuarantineEntry parse(String line) {
        String[] fields = line.split("\t", 6);
        if (fields.length != 6) {
            throw new IllegalArgumentException(
                    "six columns are expected (" + COLUMNS.replace('\t', ' ') + "), but there are " + fields.length);
        }
        try {
            return new QuarantineEntry(
                    ModelVersion.parse(fields[0])
                            .orElseThrow(() -> new IllegalArgumentException(
                                    "'version' must be " + ModelVersion.RULE + ", was '" + fields[0] + "'")),
                    Boolean.parseBoolean(fields[1]),
                    Integer.parseInt(fields[2]),
                    instant(fields[3]),
                    instant(fields[4]),
                    fields[5]);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("'times' must be a whole number, was '" + fields[2] + "'", e);
        }
    }

    private static @Nullable Instant instant(String text) {
        try {
            return text.equals("-") ? null : Instant.parse(text);
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException(
                    "a time such as 2026-11-26T03:00:00Z or - is expected, was '" + text + "'", e);
        }
    }
}
