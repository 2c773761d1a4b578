package dev.understudy.flags.flagsmith;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.domain.ModelVersion;
import dev.understudy.flags.FlagKeys;
import dev.understudy.fuzz.Fuzz;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Damaged environment documents of Flagsmith: refused, or the flags can be asked. */
final class FlagDocumentFuzzTest {
    @Test
    void a_damaged_document_is_refused_or_its_flags_can_be_asked() throws Exception {
        EnvironmentJson environment = new EnvironmentJson();
        ObjectNode serving = environment.flag(EnvironmentJson.SERVING, true, "v1");
        EnvironmentJson.option(EnvironmentJson.option(serving, 1, "v2", 5), 2, "v3", 10.5);
        environment.flag(EnvironmentJson.CANDIDATES, true, "[\"v2\"]");
        environment.flag("shadow-mode-v2", true, true);
        ObjectNode segment = environment.segment(
                "europe", EnvironmentJson.condition("EQUAL", "region", "eu"), EnvironmentJson.split("20"));
        environment.override(segment, EnvironmentJson.SERVING, true, "v2");
        environment.target("card-1", EnvironmentJson.SERVING, true, "v3");
        FlagKeys keys = FlagKeys.standard();
        Fuzz.of(
                        "Flagsmith's document",
                        List.of(environment.toString().getBytes(UTF_8)),
                        Fuzz.JSON,
                        Set.of(NoDocumentException.class))
                .run(bytes -> {
                    FlagDocument document = FlagDocument.of(DocumentSource.read(new String(bytes, UTF_8)), keys);
                    FlagState state = new FlagState(document, keys, new ModelVersion("v1"), null);
                    state.answer("card-1", Map.of("region", "eu"));
                    state.answer("card-2", Map.of("region", "eu"));
                    state.describe();
                });
    }
}
