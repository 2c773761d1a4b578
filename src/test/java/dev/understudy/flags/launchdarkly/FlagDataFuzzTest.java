package dev.understudy.flags.launchdarkly;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import com.launchdarkly.sdk.server.Components;
import com.launchdarkly.sdk.server.LDConfig;
import com.launchdarkly.sdk.server.subsystems.DataSourceUpdateSink;
import dev.understudy.domain.ModelVersion;
import dev.understudy.flags.AnswerCache;
import dev.understudy.flags.FlagKeys;
import dev.understudy.flags.FlagsDraft;
import dev.understudy.fuzz.Fuzz;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Damaged flags of LaunchDarkly, as its service sends them and a backup keeps them: refused, or they can be asked. */
final class FlagDataFuzzTest {
    private static final FlagsDraft DRAFT = FlagsDraft.serving("v1")
            .target("v2", "card-1")
            .rule("region", "eu", new FlagsDraft.Fixed("v2"))
            .otherwise(FlagsDraft.shares("v1", 95, "v2", 5))
            .candidates("v2", "v3")
            .shadowMode("v2", true);

    @Test
    void damaged_flags_are_refused_or_can_be_asked() throws Exception {
        String flags = FlagJson.of(DRAFT, 1).entrySet().stream()
                .map(flag -> "\"" + flag.getKey() + "\":" + flag.getValue())
                .collect(Collectors.joining(","));
        String document = "{\"flags\":{" + flags
                + "},\"segments\":{\"s\":{\"key\":\"s\",\"version\":1,\"included\":[\"card-1\"]}}}";
        AtomicReference<@Nullable DataSourceUpdateSink> sink = new AtomicReference<>();
        try (VersionFlags asked = new VersionFlags(
                "key",
                new LDConfig.Builder()
                        .dataSource(context -> {
                            sink.set(context.getDataSourceUpdateSink());
                            return Components.externalUpdatesOnly().build(context);
                        })
                        .events(Components.noEvents())
                        .logging(Components.noLogging()),
                new FlagBoard(FlagKeys.standard(), new ModelVersion("v1"), AnswerCache.SLOTS),
                Optional.empty())) {
            Fuzz.of(
                            "LaunchDarkly's flags",
                            List.of(document.getBytes(UTF_8)),
                            Fuzz.JSON,
                            Set.of(IllegalArgumentException.class))
                    .run(bytes -> {
                        requireNonNull(sink.get()).init(FlagData.read(new String(bytes, UTF_8)));
                        asked.route("card-1", Map.of("region", "eu"));
                        asked.route("card-2", Map.of());
                        asked.describe();
                    });
        }
    }
}
