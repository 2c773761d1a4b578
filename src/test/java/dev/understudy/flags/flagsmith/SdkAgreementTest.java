package dev.understudy.flags.flagsmith;

import static dev.understudy.flags.flagsmith.EnvironmentJson.CANDIDATES;
import static dev.understudy.flags.flagsmith.EnvironmentJson.SERVING;
import static dev.understudy.flags.flagsmith.EnvironmentJson.condition;
import static dev.understudy.flags.flagsmith.EnvironmentJson.option;
import static dev.understudy.flags.flagsmith.EnvironmentJson.split;
import static org.assertj.core.api.Assertions.assertThat;

import com.flagsmith.FlagsmithClient;
import com.flagsmith.config.FlagsmithConfig;
import com.flagsmith.models.Flags;
import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.RoutingReason;
import dev.understudy.flags.FlagKeys;
import dev.understudy.flags.FlagsDraft;
import dev.understudy.flags.Routing;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Flagsmith's own client, which fetches by itself and shares the evaluator, against the same server. */
class SdkAgreementTest {
    private static final String KEY = "ser.test";

    @Test
    void every_entity_gets_what_flagsmiths_own_client_gives_it() throws Exception {
        EnvironmentJson environment = EnvironmentJson.of(FlagsDraft.serving("v1")
                .otherwise(FlagsDraft.shares("v2", 5, "v3", 20, "v1", 75))
                .rule("region", "eu", FlagsDraft.shares("v2", 50, "v1", 50))
                .target("v3", "user-7", "user-8"));
        environment.override(
                environment.segment("12.5 % of the rich", condition("GREATER_THAN", "amount", "500"), split("12.5")),
                SERVING,
                true,
                "v4");
        environment.override(environment.segment("a tenth", split("10")), CANDIDATES, true, "[\"v5\"]");
        option(environment.flag("shadow-mode-v6", true, "false"), 4, "true", 40);
        try (FlagsmithStub service = new FlagsmithStub()) {
            service.put(environment);
            FlagsmithClient client = FlagsmithClient.newBuilder()
                    .setApiKey(KEY)
                    .withConfiguration(FlagsmithConfig.newBuilder()
                            .baseUri(service.uri().toString())
                            .withLocalEvaluation(true)
                            .build())
                    .build();
            try (FlagsmithFlags flags = FlagsmithFlags.open(
                    new FlagsmithSettings(
                            KEY,
                            Optional.of(service.uri()),
                            Duration.ofSeconds(60),
                            Duration.ofSeconds(30),
                            Optional.empty()),
                    FlagKeys.standard(),
                    new ModelVersion("v1"),
                    Clock.systemUTC())) {
                Set<RoutingReason> reasons = EnumSet.noneOf(RoutingReason.class);
                for (int i = 0; i < 20_000; i++) {
                    Map<String, String> attributes =
                            Map.of("region", i % 3 == 0 ? "eu" : "us", "amount", Integer.toString(i % 1000));
                    Routing routing = flags.route("user-" + i, attributes);

                    reasons.add(routing.served().reason());

                    Flags theirs = client.getIdentityFlags("user-" + i, new HashMap<>(attributes));

                    assertThat(routing.served().variation()).isEqualTo(theirs.getFeatureValue(SERVING));
                    assertThat(routing.candidates().contains(new ModelVersion("v5")))
                            .isEqualTo(theirs.getFeatureValue(CANDIDATES).equals("[\"v5\"]"));
                    assertThat(routing.candidates().contains(new ModelVersion("v6")))
                            .isEqualTo(theirs.getFeatureValue("shadow-mode-v6").equals("true"));
                }
                assertThat(reasons).as("that all cases came up").hasSize(3);
            } finally {
                client.close();
            }
        }
    }
}
