package dev.understudy.flags.file;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.understudy.domain.ModelVersion;
import dev.understudy.flags.FlagKeys;
import dev.understudy.flags.launchdarkly.EmbeddedFlags;
import dev.understudy.fuzz.Fuzz;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Damaged flag files: refused with a place, or their flags can be asked. */
final class FlagFileFuzzTest {
    private static final String RULES = """
            flags:
              ml-model-version:
                on: true
                variations: [v1, v2, v3]
                targets: {v2: [card-1]}
                rules:
                  - if: {region: [eu, na]}
                    rollout: {v1: 90, v2: 10}
                rollout: {v1: 94.5, v2: 5, v3: 0.5}
              shadow-candidates: [v2, v3]
              shadow-mode-v2: true
            """;
    private static final String JSON = """
            {"flags": {"ml-model-version": {"variations": ["v1", "v2"], "serve": "v2"}, "shadow-candidates": ["v2"]}}
            """;

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_damaged_file_is_refused_or_its_flags_can_be_asked(boolean json) throws Exception {
        FlagKeys keys = FlagKeys.standard();
        ModelVersion v1 = new ModelVersion("v1");
        FlagFile format = new FlagFile(keys, v1);
        List<byte[]> good = json
                ? List.of(JSON.getBytes(UTF_8))
                : List.of(RULES.getBytes(UTF_8), Files.readAllBytes(Path.of("flags.yaml")));
        try (EmbeddedFlags flags = new EmbeddedFlags(keys, v1, format.read(RULES, false))) {
            Fuzz.of("flag file, " + (json ? "JSON" : "YAML"), good, Fuzz.JSON, Set.of(FlagFileException.class))
                    .run(bytes -> {
                        flags.replace(format.read(new String(bytes, UTF_8), json));
                        flags.route("card-1", Map.of("region", "eu"));
                        flags.describe();
                    });
        }
    }
}
