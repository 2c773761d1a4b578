package dev.understudy.flags.plan;

import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.RoutingDecision;
import dev.understudy.domain.RoutingReason;
import dev.understudy.flags.ModelFlags;
import dev.understudy.flags.Routing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Predicate;

/**
 * Who serves made-up entities without attributes, as flags decide at one moment: what a flag says is read, what it does
 * is measured.
 */
public final class ShareProbe {
    /** How many entities are asked about. */
    public static final int ENTITIES = 20_000;

    private final List<RoutingDecision> decisions;

    private ShareProbe(List<RoutingDecision> decisions) {
        this.decisions = decisions;
    }

    /** Asks about each entity once. */
    public static ShareProbe of(ModelFlags flags) {
        return of(flags::route);
    }

    /** As {@link #of(ModelFlags)}, for what routes without being a whole flag source. */
    public static ShareProbe of(BiFunction<String, Map<String, String>, Routing> route) {
        List<RoutingDecision> decisions = new ArrayList<>(ENTITIES);
        for (int entity = 0; entity < ENTITIES; entity++) {
            decisions.add(route.apply("probe-" + entity, Map.of()).served());
        }
        return new ShareProbe(decisions);
    }

    /**
     * Asks until the answers are as wanted or the time is up, again whenever the flags change.
     *
     * @return the last answers, whether or not they are as wanted
     */
    public static ShareProbe await(ModelFlags flags, Duration limit, Predicate<ShareProbe> wanted)
            throws InterruptedException {
        Semaphore changes = new Semaphore(0);
        flags.onChange(changes::release);
        long deadline = System.nanoTime() + limit.toNanos();
        ShareProbe seen = of(flags);
        while (!wanted.test(seen) && changes.tryAcquire(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
            seen = of(flags);
        }
        return seen;
    }

    /** Whether the flag is off for everybody. */
    public boolean isKilled() {
        return decisions.stream().allMatch(decision -> decision.reason() == RoutingReason.KILLED);
    }

    /** Whether anybody is served by another version, or for another reason, than in the other answers. */
    public boolean differsFrom(ShareProbe other) {
        return !decisions.equals(other.decisions);
    }

    /** Of the entities that the shares decide about, as no rule concerns them. */
    int divided() {
        return (int) decisions.stream().filter(ShareProbe::isDivided).count();
    }

    /** Of these, those that a version serves. */
    int servedBy(ModelVersion version) {
        return (int) decisions.stream()
                .filter(decision -> isDivided(decision) && decision.version().equals(version))
                .count();
    }

    /** Entities that a version served then and does not serve now. */
    int lost(ShareProbe then, ModelVersion version) {
        int lost = 0;
        for (int entity = 0; entity < decisions.size(); entity++) {
            boolean had = then.decisions.get(entity).version().equals(version);
            lost += had && !decisions.get(entity).version().equals(version) ? 1 : 0;
        }
        return lost;
    }

    private static boolean isDivided(RoutingDecision decision) {
        return decision.reason() == RoutingReason.ROLLOUT || decision.reason() == RoutingReason.DEFAULT;
    }
}
