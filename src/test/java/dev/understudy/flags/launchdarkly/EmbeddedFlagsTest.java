package dev.understudy.flags.launchdarkly;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.RoutingReason;
import dev.understudy.flags.FlagKeys;
import dev.understudy.flags.FlagsDraft;
import dev.understudy.flags.Routing;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class EmbeddedFlagsTest {
    private static final Map<String, String> A =
            FlagJson.of(FlagsDraft.serving("v1").candidates("v2"), 1);
    private static final Map<String, String> B =
            FlagJson.of(FlagsDraft.serving("v2").candidates("v1"), 1);

    @Test
    void a_change_is_in_force_when_replace_returns() {
        try (EmbeddedFlags flags = new EmbeddedFlags(FlagKeys.standard(), new ModelVersion("v1"), A)) {
            for (int i = 0; i < 1_000; i++) {
                boolean even = i % 2 == 0;
                flags.replace(even ? B : A);

                assertThat(flags.route("user-1", Map.of()).served().version().name())
                        .isEqualTo(even ? "v2" : "v1");
            }
        }
    }

    @Test
    void no_answer_mixes_the_flags_before_a_change_with_those_after_it() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(3);
        AtomicBoolean over = new AtomicBoolean();
        try (EmbeddedFlags flags = new EmbeddedFlags(FlagKeys.standard(), new ModelVersion("v1"), A)) {
            List<Future<Integer>> askers = new ArrayList<>();
            for (int t = 0; t < 3; t++) {
                int thread = t;
                askers.add(threads.submit(() -> {
                    int asked = 0;
                    for (; !over.get(); asked++) {
                        Routing routing = flags.route("user-" + thread + "-" + asked % 50_000, Map.of());
                        String both = routing.served().version() + " " + routing.candidates();
                        if (!both.equals("v1 [v2]") && !both.equals("v2 [v1]")) {
                            throw new AssertionError("a mixture: " + both);
                        }
                    }
                    return asked;
                }));
            }
            for (int i = 0; i < 2_000; i++) {
                flags.replace(i % 2 == 0 ? B : A);
            }
            over.set(true);
            for (Future<Integer> asker : askers) {
                assertThat(asker.get()).isPositive();
            }
            assertThat(flags.unusableAnswers()).isZero();
        } finally {
            over.set(true);
            threads.shutdownNow();
        }
    }

    @Test
    void an_empty_entity_id_is_refused_also_where_everybody_gets_the_same() {
        try (EmbeddedFlags flags = new EmbeddedFlags(FlagKeys.standard(), new ModelVersion("v3"), A)) {
            Routing known = flags.route("user-1", Map.of());
            Routing empty = flags.route("", Map.of());
            Routing other = flags.route("user-2", Map.of("region", "eu"));

            assertThat(known.served().reason()).isEqualTo(RoutingReason.DEFAULT);
            assertThat(other).isEqualTo(known);
            assertThat(empty.served().reason()).isEqualTo(RoutingReason.FALLBACK);
            assertThat(empty.served().version().name()).isEqualTo("v3");
        }
    }
}
