package dev.understudy.doctor;

import dev.understudy.app.ModelsOnDisk;
import dev.understudy.app.Understudy;
import dev.understudy.domain.ModelVersion;
import dev.understudy.flags.FlagHealth;
import dev.understudy.flags.FlagsUnavailableException;
import dev.understudy.flags.InspectableFlags;
import dev.understudy.flags.NamedVersions;
import dev.understudy.flags.SampledShares;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Whether the flags can be asked, and whether what they name is on this machine's disk. */
record FlagsCheck(Understudy understudy) implements Check {
    /** Entities that are made up: enough to meet a version that serves or shadows one in a thousand. */
    static final int ENTITIES = 5_000;

    @Override
    public String name() {
        return "flags";
    }

    @Override
    public List<Finding> look() throws FlagsUnavailableException {
        ModelsOnDisk models = understudy.models();
        try (InspectableFlags flags = understudy.lookAtFlags()) {
            SampledShares sample = SampledShares.of(flags, ENTITIES, Map.of());
            NamedVersions named = NamedVersions.of(
                    flags.describe(), understudy.config().flags().keys().flagKeys(), sample);
            FlagHealth health = flags.health();
            List<Finding> findings = new ArrayList<>();
            findings.add(ok(health.source() + ": they name " + names(named.serving()) + " to serve and "
                    + names(named.candidates()) + " to be shadowed"));
            if (sample.unusable() > 0) {
                findings.add(
                        failed(sample.unusable() + " answers could not be used, so that the default version serves: "
                                + health.problem().orElse("`understudy flags` says why")));
            }
            for (ModelVersion version : named.all()) {
                models.missing(version)
                        .ifPresent(problem -> findings.add(failed("the flags name " + version + ": " + problem)));
            }
            return findings;
        }
    }

    private static String names(Collection<ModelVersion> versions) {
        return versions.isEmpty()
                ? "nobody"
                : versions.stream().map(ModelVersion::name).sorted().collect(Collectors.joining(", "));
    }
}
