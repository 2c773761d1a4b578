package dev.understudy.doctor;

import dev.understudy.app.Pipeline;
import dev.understudy.app.Understudy;
import dev.understudy.domain.ModelVersion;
import dev.understudy.flags.FlagsUnavailableException;
import dev.understudy.shadow.Quarantined;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The versions of the model that serve or are shadowed at present. */
record ConcernedVersions(Understudy understudy, AskedFlags flags) {

    /** The default version first, then what the flags name and is on the disk; without the latter where they cannot be asked. */
    Set<ModelVersion> all() {
        ModelVersion defaultVersion = understudy.config().model().version();
        Set<ModelVersion> versions = new LinkedHashSet<>(List.of(defaultVersion));
        try {
            versions.addAll(flags.answer().named().all());
        } catch (FlagsUnavailableException e) {
            return versions; // the flags' own check says why
        }
        List<ModelVersion> present = understudy.models().versions();
        versions.removeIf(version -> !present.contains(version) && !version.equals(defaultVersion));
        return versions;
    }

    /** Those that must not be loaded here, since they have done harm, each with the reason. */
    Map<ModelVersion, String> quarantined() {
        return Quarantined.in(Pipeline.shadowFolder(understudy.config()), Instant.now()).stream()
                .collect(Collectors.toMap(Quarantined::version, Quarantined::reason));
    }
}
