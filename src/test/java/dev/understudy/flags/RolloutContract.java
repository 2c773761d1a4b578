package dev.understudy.flags;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.RoutingReason;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** What every source that can divide by percentage must do alike. */
public abstract class RolloutContract extends ModelFlagsContract {
    private static final int ENTITIES = 100_000;

    @Test
    void growing_a_rollout_gives_the_share_asked_for_and_keeps_everybody_who_was_in() throws Exception {
        ModelFlags flags = open(FlagsDraft.serving("v1").otherwise(FlagsDraft.shares("v2", 5, "v1", 95)));
        assertThat(flags.route("user-1", Map.of()).served().reason()).isEqualTo(RoutingReason.ROLLOUT);
        BitSet before = servedBy(flags, "v2");
        assertShare(before, 5);

        for (int percent : List.of(25, 50, 100)) {
            // Named in the other order: the order of the shares must not matter.
            publishAndAwait(
                    flags, FlagsDraft.serving("v1").otherwise(FlagsDraft.shares("v1", 100 - percent, "v2", percent)));
            BitSet now = servedBy(flags, "v2");
            assertShare(now, percent);
            before.andNot(now);
            assertThat(before.cardinality())
                    .as("entities that fell out at " + percent + " %")
                    .isZero();
            before = now;
        }
    }

    @Test
    void two_candidates_grow_without_disturbing_each_other() throws Exception {
        ModelFlags flags = open(FlagsDraft.serving("v1").otherwise(FlagsDraft.shares("v2", 5, "v3", 5, "v1", 90)));
        BitSet two = servedBy(flags, "v2");
        BitSet three = servedBy(flags, "v3");
        assertShare(three, 5);

        publishAndAwait(flags, FlagsDraft.serving("v1").otherwise(FlagsDraft.shares("v2", 25, "v3", 10, "v1", 65)));

        two.andNot(servedBy(flags, "v2"));
        three.andNot(servedBy(flags, "v3"));
        assertThat(two.cardinality() + three.cardinality()).isZero();
    }

    @Test
    void two_instances_agree_on_every_entity_whatever_its_attributes() throws Exception {
        ModelFlags one = open(FlagsDraft.serving("v1").otherwise(FlagsDraft.shares("v2", 30, "v1", 70)));
        ModelFlags other = open();

        for (int i = 0; i < ENTITIES; i++) {
            assertThat(other.route("user-" + i, Map.of("hour", "h" + i % 24)).served())
                    .isEqualTo(one.route("user-" + i, Map.of()).served());
        }
    }

    @Test
    void a_percentage_under_a_rule_is_a_rule() throws Exception {
        ModelFlags flags = open(FlagsDraft.serving("v1").rule("region", "us", FlagsDraft.shares("v2", 10, "v1", 90)));
        BitSet in = new BitSet();
        for (int i = 0; i < ENTITIES; i++) {
            Routing routing = flags.route("user-" + i, Map.of("region", "us"));
            assertThat(routing.served().reason()).isEqualTo(RoutingReason.RULE);
            in.set(i, routing.served().version().name().equals("v2"));
        }

        assertShare(in, 10);
        assertServes(flags.route("user-" + in.nextSetBit(0), Map.of("region", "eu")), "v1", RoutingReason.DEFAULT);
    }

    @Test
    void many_threads_get_the_same_answers() throws Exception {
        ModelFlags flags = open(FlagsDraft.serving("v1").otherwise(FlagsDraft.shares("v2", 50, "v1", 50)));
        BitSet expected = servedBy(flags, "v2");
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<BitSet>> answers = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                answers.add(threads.submit(() -> servedBy(flags, "v2")));
            }
            for (Future<BitSet> answer : answers) {
                assertThat(answer.get()).isEqualTo(expected);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void flags_are_described_in_the_same_words() throws Exception {
        InspectableFlags flags = inspect(FlagsDraft.serving("v1")
                .target("v2", "user-42", "user-43")
                .rule("region", "eu", new FlagsDraft.Fixed("v3"))
                .otherwise(FlagsDraft.shares("v2", 5, "v1", 95))
                .candidates("v2", "v3")
                .shadowMode("v4", true));

        List<FlagDescription> described = flags.describe();

        assertThat(described)
                .extracting(FlagDescription::key)
                .containsExactly("ml-model-version", "shadow-candidates", "shadow-mode-v4");
        assertThat(described).extracting(FlagDescription::state).containsOnly(FlagDescription.State.ON);
        FlagDescription serving = described.get(0);
        assertThat(serving.variations()).contains("v1", "v2");
        assertThat(serving.targets().stream()
                        .mapToInt(FlagDescription.Target::entities)
                        .sum())
                .isEqualTo(2);
        assertThat(serving.targets())
                .extracting(FlagDescription.Target::variation)
                .containsOnly("v2");
        assertThat(serving.rules()).hasSize(1);
        assertThat(serving.rules().get(0).when()).endsWith("region is eu");
        assertThat(serving.rules().get(0).gives()).isEqualTo(FlagDescription.Split.all("v3"));
        assertThat(serving.rest().orElseThrow().shares())
                .containsExactlyInAnyOrder(new FlagDescription.Share("v2", 5), new FlagDescription.Share("v1", 95));
        assertThat(described.get(1).rest()).hasValue(FlagDescription.Split.all("[\"v2\",\"v3\"]"));
        assertThat(described.get(2).rest()).hasValue(FlagDescription.Split.all("true"));
        assertThat(described).allSatisfy(flag -> assertThat(flag.remarks()).isEmpty());
    }

    @Test
    void a_flag_that_is_off_is_described_as_off_and_explained_as_killed() throws Exception {
        InspectableFlags flags = inspect(
                FlagsDraft.serving("v2").target("v3", "user-42").killed().candidates("v3"));

        assertThat(flags.describe())
                .extracting(FlagDescription::state)
                .containsExactly(FlagDescription.State.OFF, FlagDescription.State.ON);
        Explanation explanation = flags.explain("user-42", Map.of());
        assertServes(explanation.routing(), "v1", RoutingReason.KILLED);
        assertThat(explanation.answers()).containsOnlyKeys("ml-model-version");
        assertThat(explanation.answers().get("ml-model-version")).isInstanceOf(FlagAnswer.Off.class);
        assertThat(explanation.problems()).isEmpty();
    }

    @Test
    void an_explanation_is_what_is_decided_with_the_answer_of_every_flag() throws Exception {
        InspectableFlags flags = inspect(FlagsDraft.serving("v1")
                .target("v3", "user-0")
                .rule("region", "eu", FlagsDraft.shares("v2", 50, "v1", 50))
                .otherwise(FlagsDraft.shares("v2", 25, "v1", 75))
                .candidates("v2")
                .shadowMode("v4", true));

        for (int i = 0; i < 1_000; i++) {
            String entity = "user-" + i;
            Map<String, String> attributes = i % 2 == 0 ? Map.of() : Map.of("region", "eu");
            Explanation explanation = flags.explain(entity, attributes);
            assertThat(explanation.routing()).isEqualTo(flags.route(entity, attributes));
            assertThat(explanation.answers().keySet())
                    .containsExactly("ml-model-version", "shadow-candidates", "shadow-mode-v4");
            assertThat(explanation.answers().get("ml-model-version"))
                    .isInstanceOfSatisfying(
                            FlagAnswer.Given.class,
                            given -> assertThat(given.reason())
                                    .isEqualTo(explanation.routing().served().reason()));
        }
    }

    @Test
    void a_sample_counts_what_entities_get() throws Exception {
        ModelFlags flags = open(FlagsDraft.serving("v1")
                .rule("region", "eu", new FlagsDraft.Fixed("v3"))
                .otherwise(FlagsDraft.shares("v2", 25, "v1", 75))
                .candidates("v2"));

        SampledShares all = SampledShares.of(flags, 20_000, Map.of());
        SampledShares europe = SampledShares.of(flags, 500, Map.of("region", "eu"));

        assertThat(all.versions()).extracting(ModelVersion::name).containsExactly("v1", "v2");
        assertThat(all.percent(all.servedBy(new ModelVersion("v2")))).isBetween(24.0, 26.0);
        assertThat(all.shadowed()).isEqualTo(Map.of(new ModelVersion("v2"), 20_000));
        assertThat(all.reasons()).isEqualTo(Map.of(RoutingReason.ROLLOUT, 20_000));
        assertThat(all.unusable()).isZero();
        assertThat(europe.served()).isEqualTo(Map.of(new ModelVersion("v3"), 500));
        assertThat(europe.reasons()).isEqualTo(Map.of(RoutingReason.RULE, 500));
    }

    private InspectableFlags inspect(FlagsDraft draft) throws Exception {
        return (InspectableFlags) open(draft);
    }

    private void publishAndAwait(ModelFlags flags, FlagsDraft draft) throws Exception {
        // A target that only this draft has tells when it is in force.
        String marker = "marker-" + System.nanoTime();
        publish(draft.target("v3", marker));
        await("the change arrives", () -> flags.route(marker, Map.of()).served().reason() == RoutingReason.TARGET);
    }

    private static BitSet servedBy(ModelFlags flags, String version) {
        BitSet served = new BitSet(ENTITIES);
        for (int i = 0; i < ENTITIES; i++) {
            served.set(
                    i,
                    flags.route("user-" + i, Map.of()).served().version().name().equals(version));
        }
        return served;
    }

    private static void assertShare(BitSet served, int percent) {
        assertThat(100.0 * served.cardinality() / ENTITIES)
                .as("share in percent")
                .isBetween(percent - 0.3, percent + 0.3);
    }
}
