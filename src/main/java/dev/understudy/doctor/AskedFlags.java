package dev.understudy.doctor;

import dev.understudy.app.Understudy;
import dev.understudy.flags.FlagHealth;
import dev.understudy.flags.FlagsUnavailableException;
import dev.understudy.flags.InspectableFlags;
import dev.understudy.flags.NamedVersions;
import dev.understudy.flags.SampledShares;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The flags, asked once for all checks that want them: a source that is away takes its time to say so. */
final class AskedFlags {
    /** Entities that are made up: enough to meet a version that serves or shadows one in a thousand. */
    private static final int ENTITIES = 5_000;

    private final Understudy understudy;
    private @Nullable Answer answer;
    private @Nullable FlagsUnavailableException unavailable;

    /**
     * What they said.
     *
     * @param health after they were asked
     * @param unusable answers that could not be used
     */
    record Answer(NamedVersions named, FlagHealth health, long unusable) {}

    AskedFlags(Understudy understudy) {
        this.understudy = understudy;
    }

    synchronized Answer answer() throws FlagsUnavailableException {
        if (unavailable != null) {
            throw unavailable;
        }
        Answer known = answer;
        if (known != null) {
            return known;
        }
        try {
            known = ask();
        } catch (FlagsUnavailableException e) {
            unavailable = e;
            throw e;
        }
        answer = known;
        return known;
    }

    private Answer ask() throws FlagsUnavailableException {
        try (InspectableFlags flags = understudy.lookAtFlags()) {
            SampledShares sample = SampledShares.of(flags, ENTITIES, Map.of());
            NamedVersions named = NamedVersions.of(
                    flags.describe(), understudy.config().flags().keys().flagKeys(), sample);
            return new Answer(named, flags.health(), sample.unusable());
        }
    }
}
