package dev.understudy.flags;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.RoutingReason;
import dev.understudy.flags.file.FileFlagSettings;
import dev.understudy.flags.file.FileFlags;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class NamedVersionsTest {
    private static final ModelVersion V1 = new ModelVersion("v1");

    @TempDir
    Path folder;

    private NamedVersions named(String yaml) throws Exception {
        Path file = Files.writeString(folder.resolve("flags.yaml"), yaml);
        try (FileFlags flags = FileFlags.open(FileFlagSettings.of(file), FlagKeys.standard(), V1, Clock.systemUTC())) {
            return NamedVersions.of(flags.describe(), FlagKeys.standard(), SampledShares.of(flags, 100, Map.of()));
        }
    }

    @Test
    void versions_of_targets_rules_and_shares_are_named_and_those_that_nobody_gets_are_not() throws Exception {
        NamedVersions named = named("""
                flags:
                  ml-model-version:
                    variations: [v1, v2, v3, v4, v5]
                    targets: {v3: [user-9]}
                    rules: [{if: {region: [eu]}, serve: v2}]
                    rollout: {v4: 1, v1: 99}
                  shadow-candidates: [v6, v7]
                """);

        assertThat(named.serving()).extracting(ModelVersion::name).containsExactly("v1", "v2", "v3", "v4");
        assertThat(named.candidates()).extracting(ModelVersion::name).containsExactly("v6", "v7");
    }

    @Test
    void flags_of_single_versions_name_theirs_while_they_are_on() throws Exception {
        NamedVersions named = named("""
                flags:
                  ml-model-version: v1
                  shadow-candidates: [v2]
                  shadow-mode-v3: true
                  shadow-mode-v4: {on: false, serve: true}
                """);

        assertThat(named.candidates()).extracting(ModelVersion::name).containsExactly("v2", "v3");
    }

    @Test
    void what_is_given_to_somebody_and_cannot_be_a_version_is_told_apart_by_its_text() {
        List<FlagDescription> flags = List.of(
                flag("ml-model-version", List.of("v1", "v1.", "aux"), "v1."),
                flag("shadow-candidates", List.of("[\"v2\", \"con\"]", ""), "[\"v2\", \"con\"]"));

        NamedVersions named = NamedVersions.of(flags, FlagKeys.standard(), nothingCounted());

        assertThat(named.misnamed()).containsExactly("con", "v1.");
        assertThat(named.candidates()).extracting(ModelVersion::name).containsExactly("v2");
    }

    @Test
    void empty_text_of_the_candidates_flag_is_no_candidate_and_nothing_misnamed() {
        NamedVersions named = NamedVersions.of(
                List.of(flag("shadow-candidates", List.of(""), "")), FlagKeys.standard(), nothingCounted());

        assertThat(named.misnamed()).isEmpty();
    }

    private static SampledShares nothingCounted() {
        return new SampledShares(0, Map.of(), Map.of(), new EnumMap<>(RoutingReason.class), 0);
    }

    private static FlagDescription flag(String key, List<String> variations, String given) {
        return new FlagDescription(
                key,
                FlagDescription.State.ON,
                variations,
                List.of(),
                List.of(),
                Optional.of(FlagDescription.Split.all(given)),
                List.of());
    }

    @Test
    void kill_switch_leaves_the_default_version_alone() throws Exception {
        NamedVersions named = named("""
                flags:
                  ml-model-version: {on: false, variations: [v1, v2], serve: v2}
                  shadow-candidates: [v3]
                """);

        assertThat(named.serving()).containsExactly(V1);
        assertThat(named.candidates()).isEmpty();
    }
}
