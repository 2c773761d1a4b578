package dev.understudy.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.domain.DeclaredStage;
import dev.understudy.domain.ModelPair;
import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.References;
import dev.understudy.domain.RoutingDecision;
import dev.understudy.domain.RoutingReason;
import dev.understudy.flags.FlagHealth;
import dev.understudy.flags.FlagsUnavailableException;
import dev.understudy.flags.ModelFlags;
import dev.understudy.flags.Routing;
import dev.understudy.flags.plan.ApiCall;
import dev.understudy.flags.plan.FlagChange;
import dev.understudy.flags.plan.FlagPlan;
import dev.understudy.flags.plan.FlagStep;
import dev.understudy.flags.plan.FlagWriteException;
import dev.understudy.flags.plan.FlagWriter;
import dev.understudy.flags.plan.Shares;
import java.math.BigDecimal;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** In which order things are done, and what is said when one of them fails. */
class FlagRolloutTest {
    private static final ModelVersion V1 = new ModelVersion("v1");
    private static final ModelVersion V2 = new ModelVersion("v2");
    private static final ModelPair PAIR = new ModelPair("fraud", V1, V2);
    private static final String KEY = "ml-model-version";

    private final List<String> events = new ArrayList<>();
    private final World world = new World();

    /** A flag system, the pipeline's view of it, and the stages. */
    private final class World implements FlagWriter, StageControl, ModelFlags {
        private int percent;
        private boolean on = true;
        private boolean upsideDown;
        private @Nullable String broken;
        private Optional<Integer> earlier = Optional.empty();
        private List<Integer> beside = List.of();
        private List<ModelVersion> moved = List.of();
        private Runnable listener = () -> {};

        @Override
        public FlagPlan plan(FlagChange change) {
            FlagStep step = ApiCall.json("PATCH", URI.create("http://flags/1"), "", "{}");
            return change instanceof FlagChange.Share share
                    ? new FlagPlan(
                            share,
                            "test",
                            Optional.of(shares(percent)),
                            Optional.of(shares(share.percent())),
                            moved,
                            List.of(step))
                    : FlagPlan.of((FlagChange.Kill) change, "test", Optional.empty(), step);
        }

        private Shares shares(int percent) {
            return new Shares(List.of(
                    new Shares.Slice("v2", BigDecimal.valueOf(percent)),
                    new Shares.Slice("v1", BigDecimal.valueOf(100L - percent))));
        }

        @Override
        public void apply(FlagPlan plan) throws FlagWriteException {
            if ("flag".equals(broken)) {
                throw new FlagWriteException("PATCH was answered 500");
            }
            if ("outdated".equals(broken)) {
                throw new FlagWriteException(FlagWriteException.Outcome.OUTDATED, "nothing was changed", null);
            }
            events.add("flag");
            if (plan.change() instanceof FlagChange.Share share) {
                percent = share.percent();
                upsideDown = "sides".equals(broken);
            } else {
                on = "switch".equals(broken);
            }
            if ("share".equals(broken)) {
                percent = 40;
            }
            listener.run();
            if ("answer".equals(broken)) {
                throw new FlagWriteException(FlagWriteException.Outcome.UNKNOWN, "PATCH was not answered", null);
            }
        }

        @Override
        public Duration propagation() {
            return Duration.ZERO;
        }

        @Override
        public Optional<DeclaredStage> inForce() {
            return earlier.map(World::stage);
        }

        @Override
        public List<DeclaredStage> servedBeside() {
            return beside.stream().map(World::stage).toList();
        }

        private static DeclaredStage stage(int percent) {
            return new DeclaredStage(
                    PAIR, 7, percent, Instant.EPOCH, Duration.ofHours(24), Map.of(), References.none(), 1);
        }

        @Override
        public DeclaredStage declare(int declared) {
            if ("broker".equals(broken)) {
                throw new IllegalStateException("no broker");
            }
            events.add("declare " + declared);
            return stage(declared);
        }

        @Override
        public Optional<DeclaredStage> end() {
            if ("broker".equals(broken)) {
                throw new IllegalStateException("no broker");
            }
            events.add("end");
            return Optional.empty();
        }

        @Override
        public Routing route(String entityId, Map<String, String> attributes) {
            int bucket = Integer.parseInt(entityId.substring(entityId.indexOf('-') + 1)) % 100;
            boolean candidate = on && (upsideDown ? 99 - bucket : bucket) < percent;
            return new Routing(
                    new RoutingDecision(
                            candidate ? V2 : V1, KEY, null, on ? RoutingReason.ROLLOUT : RoutingReason.KILLED),
                    List.of());
        }

        @Override
        public FlagHealth health() {
            return new FlagHealth("test", Optional.empty(), Optional.empty(), 0);
        }

        @Override
        public void onChange(Runnable told) {
            listener = told;
        }

        @Override
        public void close() {}

        private ModelFlags open() throws FlagsUnavailableException {
            if ("view".equals(broken)) {
                throw new FlagsUnavailableException("the flags cannot be reached");
            }
            return this;
        }
    }

    private Applied apply(FlagChange change) {
        FlagRollout rollout = new FlagRollout(
                world, world, world::open, new HandCommands("-c live.yaml", PAIR), Duration.ofMillis(300));
        List<String> told = new ArrayList<>();
        Applied applied = rollout.apply(world.plan(change), told::add);
        assertThat(told).isEqualTo(applied.done());
        return applied;
    }

    private static FlagChange to(int percent) {
        return new FlagChange.Share(KEY, V2, V1, percent);
    }

    @Test
    void a_step_up_is_declared_before_the_flag_changes() {
        world.percent = 5;
        Applied applied = apply(to(25));

        assertThat(events).containsExactly("declare 25", "flag");
        assertThat(applied.isComplete()).as(applied.failures().toString()).isTrue();
        assertThat(applied.done())
                .contains("Epoch 7: fraud/v1/v2 at 25 %, held for 24h.", "Carried out: PATCH http://flags/1")
                .anySatisfy(line -> assertThat(line).contains("v2 serves 25.00 % of 20,000 entities"))
                .anySatisfy(line -> assertThat(line).contains("all 1,000 entities that v2 served stay with it"));
    }

    @Test
    void a_step_down_is_declared_once_the_flag_has_changed() {
        world.percent = 25;
        assertThat(apply(to(5)).isComplete()).isTrue();
        assertThat(events).containsExactly("flag", "declare 5");
    }

    @Test
    void a_kill_ends_the_stage_once_the_flag_is_off() {
        Applied applied = apply(new FlagChange.Kill(KEY));
        assertThat(applied.isComplete()).isTrue();
        assertThat(events).containsExactly("flag", "end");
    }

    @Test
    void without_a_broker_a_step_up_changes_nothing() {
        world.percent = 5;
        world.broken = "broker";
        Applied applied = apply(to(25));

        assertThat(events).isEmpty();
        assertThat(applied.done()).isEmpty();
        assertThat(applied.failures()).containsExactly("Nothing was changed. The stage could not be declared.");
        assertThat(applied.cause())
                .hasValueSatisfying(cause -> assertThat(cause).hasMessage("no broker"));
    }

    @Test
    void without_a_broker_a_kill_switches_off_and_says_what_is_left() {
        world.broken = "broker";
        Applied applied = apply(new FlagChange.Kill(KEY));

        assertThat(events).containsExactly("flag");
        assertThat(applied.isComplete()).isFalse();
        assertThat(applied.done()).contains("Measured: everybody gets the default version, and nothing is shadowed.");
        assertThat(applied.failures()).containsExactly("The flag is off, and the stage is not ended.");
        assertThat(applied.byHand())
                .containsExactly(
                        "Then end the stage: understudy stage end -c live.yaml --candidate v2 --production v1");
    }

    @Test
    void without_a_broker_a_step_down_is_made_and_its_stage_is_left_to_be_declared() {
        world.percent = 25;
        world.broken = "broker";
        Applied applied = apply(to(5));

        assertThat(events).containsExactly("flag");
        assertThat(applied.failures()).containsExactly("The flag is changed, and the stage could not be declared.");
        assertThat(applied.byHand())
                .containsExactly(
                        "Declare the stage: understudy stage start -c live.yaml --candidate v2 --production v1 --percent 5");
    }

    @Test
    void a_flag_that_does_not_change_leaves_a_declared_stage_and_both_ways_out() {
        world.percent = 5;
        world.earlier = Optional.of(5);
        world.broken = "flag";
        Applied applied = apply(to(25));

        assertThat(events).containsExactly("declare 25");
        assertThat(applied.failures()).containsExactly("The flag could not be changed. PATCH was answered 500");
        assertThat(applied.byHand())
                .satisfiesExactly(
                        call -> assertThat(call).contains("PATCH http://flags/1", "curl"),
                        stage -> assertThat(stage)
                                .isEqualTo(
                                        "Or take the stage back: understudy stage start -c live.yaml --candidate v2 --production v1"
                                                + " --percent 5"));
    }

    @Test
    void a_flag_that_cannot_be_switched_off_leaves_the_stage() {
        world.broken = "flag";
        Applied applied = apply(new FlagChange.Kill(KEY));

        assertThat(events).isEmpty();
        assertThat(applied.failures()).hasSize(1);
        assertThat(applied.byHand()).hasSize(2).first().asString().contains("curl");
    }

    @Test
    void a_kill_that_does_not_show_leaves_the_stage_and_says_so() {
        world.broken = "switch";
        Applied applied = apply(new FlagChange.Kill(KEY));

        assertThat(events).containsExactly("flag");
        assertThat(applied.failures()).singleElement().asString().contains("still answers as if it were on");
    }

    @Test
    void a_step_whose_effect_cannot_be_seen_is_not_begun_but_a_kill_is() {
        world.broken = "view";
        assertThat(apply(to(25)).failures()).singleElement().asString().contains("Nothing was changed");
        assertThat(events).isEmpty();

        Applied kill = apply(new FlagChange.Kill(KEY));
        assertThat(events).containsExactly("flag");
        assertThat(kill.failures()).singleElement().asString().contains("cannot be seen where the pipeline reads it");
        assertThat(kill.cause()).hasValueSatisfying(why -> assertThat(why).hasMessage("the flags cannot be reached"));
    }

    @Test
    void a_share_that_is_not_as_planned_is_told() {
        world.broken = "share";
        Applied applied = apply(to(25));
        assertThat(applied.failures())
                .singleElement()
                .asString()
                .contains("v2 serves 40.00 % of 20,000 entities; 25 % ± 1.23 is expected");
    }

    @Test
    void a_share_that_is_not_as_planned_leaves_ways_back() {
        world.percent = 5;
        world.earlier = Optional.of(5);
        world.broken = "share";
        assertThat(apply(to(25)).byHand())
                .contains(
                        "Back to 5 %: understudy flags plan -c live.yaml --candidate v2 --production v1 --stage 5 --apply --force",
                        "Or off, for everybody: understudy flags plan -c live.yaml --candidate v2 --production v1 --stage kill --apply",
                        "Then take the stage back: understudy stage start -c live.yaml --candidate v2 --production v1 --percent 5");
    }

    @Test
    void a_plan_that_others_overtook_is_not_carried_out() {
        world.percent = 5;
        FlagPlan old = world.plan(to(25));
        world.percent = 0;
        FlagRollout rollout = new FlagRollout(
                world, world, world::open, new HandCommands("-c live.yaml", PAIR), Duration.ofMillis(300));
        assertThat(rollout.apply(old, what -> {}).failures())
                .singleElement()
                .asString()
                .startsWith("Nothing was changed: what the pipeline reads is not as the flag to be changed, at test:");
        assertThat(events).isEmpty();
    }

    @Test
    void a_plan_that_others_overtake_meanwhile_is_not_offered_to_be_carried_out_by_hand() {
        world.percent = 5;
        world.broken = "outdated";
        Applied applied = apply(to(25));
        assertThat(events).containsExactly("declare 25");
        assertThat(applied.byHand())
                .containsExactly(
                        "Or take the stage back: understudy stage end -c live.yaml --candidate v2 --production v1");
    }

    @Test
    void a_call_that_was_not_answered_is_measured() {
        world.percent = 5;
        world.broken = "answer";
        Applied applied = apply(to(25));
        assertThat(applied.isComplete()).as(applied.failures().toString()).isTrue();
        assertThat(applied.done())
                .anySatisfy(line -> assertThat(line).startsWith("Not known whether it is done"))
                .anySatisfy(line -> assertThat(line).contains("v2 serves 25.00 %"));
    }

    @Test
    void a_kill_tells_of_stages_that_serve_nobody_any_more() {
        world.beside = List.of(25);
        Applied applied = apply(new FlagChange.Kill(KEY));
        assertThat(applied.failures())
                .containsExactly("Epoch 7 of fraud/v1/v2, 25 %, is still in force, though nobody is served by it any"
                        + " more.");
        assertThat(applied.byHand())
                .containsExactly("End it: understudy stage end -c live.yaml --candidate v2 --production v1");
    }

    @Test
    void entities_that_the_plan_moves_are_no_failure() {
        world.percent = 5;
        world.broken = "sides";
        FlagChange.Share change = (FlagChange.Share) to(25);
        FlagPlan plan = world.plan(change);
        world.moved = List.of(V2);
        FlagRollout rollout = new FlagRollout(
                world, world, world::open, new HandCommands("-c live.yaml", PAIR), Duration.ofMillis(300));
        Applied applied = rollout.apply(world.plan(change), what -> {});
        assertThat(plan.moved()).isEmpty();
        assertThat(applied.isComplete()).as(applied.failures().toString()).isTrue();
        assertThat(applied.done())
                .anySatisfy(line -> assertThat(line).contains("1,000 entities that v2 served went to another version"));
    }

    @Test
    void entities_that_change_sides_are_told() {
        world.percent = 5;
        world.broken = "sides";
        Applied applied = apply(to(25));
        assertThat(applied.failures())
                .singleElement()
                .asString()
                .contains("1,000 entities that v2 served went to another version");
    }
}
