package dev.understudy.doctor;

import dev.understudy.app.ModelsOnDisk;
import dev.understudy.app.Understudy;
import dev.understudy.domain.ModelVersion;
import dev.understudy.flags.FlagsUnavailableException;
import dev.understudy.flags.NamedVersions;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/** Whether the flags can be asked, and whether what they name is on this machine's disk. */
record FlagsCheck(Understudy understudy, AskedFlags flags) implements Check {
    @Override
    public String name() {
        return "flags";
    }

    @Override
    public List<Finding> look() throws FlagsUnavailableException {
        AskedFlags.Answer answer = flags.answer();
        NamedVersions named = answer.named();
        List<Finding> findings = new ArrayList<>();
        findings.add(ok(answer.health().source() + ": they name " + names(named.serving()) + " to serve and "
                + names(named.candidates()) + " to be shadowed"));
        if (answer.unusable() > 0) {
            findings.add(failed(answer.unusable() + " answers could not be used, so that the default version serves: "
                    + answer.health().problem().orElse("`understudy flags` says why")));
        } else {
            answer.health().problem().ifPresent(problem -> findings.add(warning(problem)));
        }
        for (String name : named.misnamed()) {
            findings.add(failed(
                    "the flags name '" + name + "', which is no version: a version must be " + ModelVersion.RULE));
        }
        ModelsOnDisk models = understudy.models();
        for (ModelVersion version : named.all()) {
            models.missing(version)
                    .ifPresent(problem -> findings.add(failed("the flags name " + version + ": " + problem)));
        }
        return findings;
    }

    private static String names(Collection<ModelVersion> versions) {
        return versions.isEmpty()
                ? "nobody"
                : versions.stream().map(ModelVersion::name).sorted().collect(Collectors.joining(", "));
    }
}
