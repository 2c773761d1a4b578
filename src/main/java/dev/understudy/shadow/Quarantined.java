package dev.understudy.shadow;

import dev.understudy.domain.ModelVersion;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/**
 * A version that SHADOW does not call.
 *
 * @param until when it is tried again
 * @param times how many times in a row it is in quarantine
 * @param reason for people
 */
public record Quarantined(ModelVersion version, Instant until, int times, String reason) {
    /**
     * Those that the folder of a SHADOW tells of, which may be another process; none where there is no such folder.
     *
     * @throws IllegalStateException if its file cannot be understood
     * @throws java.io.UncheckedIOException if its file cannot be read
     */
    public static List<Quarantined> in(Path folder) {
        return new QuarantineFile(folder.resolve(QuarantineFile.NAME))
                .read().stream()
                        .filter(QuarantineEntry::shut)
                        .map(entry -> new Quarantined(
                                entry.version(),
                                entry.until() == null ? Instant.MAX : entry.until(),
                                entry.times(),
                                entry.reason()))
                        .toList();
    }
}
