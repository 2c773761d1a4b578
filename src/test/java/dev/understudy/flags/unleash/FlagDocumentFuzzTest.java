package dev.understudy.flags.unleash;

import static dev.understudy.flags.unleash.UnleashJson.rollout;
import static dev.understudy.flags.unleash.UnleashJson.variant;
import static dev.understudy.flags.unleash.UnleashJson.where;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.domain.ModelVersion;
import dev.understudy.flags.FlagKeys;
import dev.understudy.flags.unleash.UnleashJson.Flag;
import dev.understudy.fuzz.Fuzz;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Damaged answers of an Unleash server: refused, or the flags can be asked. */
final class FlagDocumentFuzzTest {
    @Test
    void a_damaged_answer_is_refused_or_its_flags_can_be_asked() throws Exception {
        String document = UnleashJson.document(Map.of(
                "ml-model-version",
                new Flag(
                        true,
                        List.of(
                                where(rollout("g", 100, variant("v2", 1000)), "userId", List.of("card-1")),
                                rollout("g", 50, variant("v1", 900), variant("b-v3", 100, "string", "v3")))),
                "shadow-candidates",
                new Flag(true, List.of(rollout("g", 100, variant("listed", 1000, "json", "[\"v2\"]")))),
                "shadow-mode-v2",
                new Flag(true, List.of(rollout("g", 100)))));
        FlagKeys keys = FlagKeys.standard();
        ModelVersion v1 = new ModelVersion("v1");
        Fuzz.of("Unleash's answer", List.of(document.getBytes(UTF_8)), Fuzz.JSON, Set.of(FlagDocumentException.class))
                .run(bytes -> {
                    FlagState state =
                            new FlagState(FlagDocument.read(new String(bytes, UTF_8), keys, v1), keys, v1, false);
                    state.route("card-1", Map.of("region", "eu"));
                    state.describe();
                });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"strategies\":{\"type\":\"string\"}",
                "\"strategies\":[\"v2\"]",
                "\"strategies\":[{\"name\":\"default\",\"variants\":[1]}]",
                "\"strategies\":[{\"name\":\"default\",\"constraints\":\"none\"}]",
                "\"variants\":{\"name\":\"v2\"}"
            })
    void a_flag_whose_lists_are_none_is_refused(String damaged) {
        String document = "{\"features\":[{\"name\":\"ml-model-version\",\"enabled\":true," + damaged + "}]}";

        assertThatThrownBy(() -> FlagDocument.read(document, FlagKeys.standard(), new ModelVersion("v1")))
                .isInstanceOf(FlagDocumentException.class)
                .hasMessage("a flag of the answer is not Unleash's");
    }
}
