package dev.understudy.doctor;

import dev.understudy.app.Understudy;
import dev.understudy.domain.ModelVersion;
import dev.understudy.flags.FlagsUnavailableException;
import dev.understudy.flags.InspectableFlags;
import dev.understudy.flags.NamedVersions;
import dev.understudy.flags.SampledShares;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The versions of the model that serve or are shadowed at present. */
final class ConcernedVersions {
    private ConcernedVersions() {}

    /** The default version first, then what the flags name and is on the disk; without the latter where they cannot be asked. */
    static Collection<ModelVersion> of(Understudy understudy) {
        Set<ModelVersion> versions =
                new LinkedHashSet<>(List.of(understudy.config().model().version()));
        try (InspectableFlags flags = understudy.lookAtFlags()) {
            versions.addAll(NamedVersions.of(
                            flags.describe(),
                            understudy.config().flags().keys().flagKeys(),
                            SampledShares.of(flags, FlagsCheck.ENTITIES, Map.of()))
                    .all());
        } catch (FlagsUnavailableException e) {
            return versions; // the flags' own check says why
        }
        List<ModelVersion> present = understudy.models().versions();
        versions.removeIf(version -> !present.contains(version)
                && !version.equals(understudy.config().model().version()));
        return versions;
    }
}
