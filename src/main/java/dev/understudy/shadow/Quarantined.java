package dev.understudy.shadow;

import dev.understudy.domain.ModelVersion;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A version that SHADOW does not call.
 *
 * @param until when it is tried again
 * @param times how many times in a row it is in quarantine
 * @param reason for people
 */
public record Quarantined(ModelVersion version, Instant until, int times, String reason) {
    /**
     * Those that the folder of a SHADOW tells of, which may be another process; none where there is no such folder. One
     * whose time is over is tried again with its next request, and is not among them.
     *
     * @throws IllegalStateException if its file cannot be understood
     * @throws java.io.UncheckedIOException if its file cannot be read
     */
    public static List<Quarantined> in(Path folder, Instant now) {
        return new QuarantineFile(folder.resolve(QuarantineFile.NAME))
                .read().stream()
                        .filter(QuarantineEntry::shut)
                        .flatMap(entry -> Optional.ofNullable(entry.until())
                                .filter(now::isBefore)
                                .map(until -> new Quarantined(entry.version(), until, entry.times(), entry.reason()))
                                .stream())
                        .toList();
    }
}
