package dev.understudy.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.kafka.Guarantee;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * What a fault did.
 *
 * @param what the fault, for people
 * @param times how often it happened
 * @param recoveries how long it took each time until there was output again
 */
record FaultReport(String what, Guarantee guarantee, int times, Audit audit, List<Duration> recoveries) {
    private static final Path TABLE = Path.of("target", "faults.md");

    /** Adds a row to the table of docs/reliability.md, and fails if anything was lost, or counted other than once. */
    FaultReport check() {
        write();
        assertThat(audit.losses()).as("lost: %s", this).isEmpty();
        assertThat(audit.miscounted()).as("counted other than once: %s", this).isEmpty();
        assertThat(audit.decisions().different()).as("decisions").isEmpty();
        assertThat(audit.decisions().isReproducible())
                .as("decisions reproduced; of the others: %s", audit.decisions().notKnown())
                .isTrue();
        assertThat(audit.requests()).as("requests").isPositive();
        assertThat(audit.compared()).as("compared of %d", audit.due()).isGreaterThan(audit.due() / 2);
        assertThat(audit.poison()).as("poison").isPositive();
        if (guarantee == Guarantee.EXACTLY_ONCE_V2) {
            assertThat(audit.writtenAgain()).as("written again: %s", this).isZero();
        }
        return this;
    }

    private void write() {
        String line = String.format(
                Locale.ROOT,
                "| %s | %s | %d | %d | %d | %d | %d | %d of %d | %s |%n",
                what,
                guarantee.name().toLowerCase(Locale.ROOT),
                times,
                audit.requests() + audit.poison(),
                audit.losses().size(),
                audit.writtenAgain(),
                audit.miscounted().size(),
                audit.decisions().reproduced(),
                audit.decisions().looked(),
                recovery());
        try {
            Files.createDirectories(TABLE.getParent());
            Files.writeString(
                    TABLE, line, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String recovery() {
        if (recoveries.isEmpty()) {
            return "none needed";
        }
        List<Duration> sorted = recoveries.stream().sorted().toList();
        return seconds(sorted.get(sorted.size() / 2)) + " / " + seconds(sorted.get(sorted.size() - 1));
    }

    private static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1e3);
    }
}
