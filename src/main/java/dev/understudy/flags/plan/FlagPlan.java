package dev.understudy.flags.plan;

import dev.understudy.domain.ModelVersion;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;

/**
 * A change as it would be made, for people to read before it is.
 *
 * @param place the flag system and where in it the flag is, for people; no secrets
 * @param now how everybody is divided whom no target and no rule concerns; empty where it was not looked at
 * @param then how they will be; empty when the flag is killed
 * @param moved versions whose entities change sides although their share does not call for it
 * @param steps what is done, in this order; none where the flag is already as wanted
 */
public record FlagPlan(
        FlagChange change,
        String place,
        Optional<Shares> now,
        Optional<Shares> then,
        List<ModelVersion> moved,
        List<FlagStep> steps) {
    public FlagPlan {
        moved = List.copyOf(moved);
        steps = List.copyOf(steps);
    }

    /** A change of shares. */
    public static FlagPlan of(FlagChange.Share change, String place, Shares now, Shares then, List<FlagStep> steps) {
        return new FlagPlan(
                change, place, Optional.of(now), Optional.of(then), now.moved(then, change.production()), steps);
    }

    /** Whether the candidate is to serve at least as much as it does: who is in stays in. */
    public boolean grows() {
        return change instanceof FlagChange.Share share
                && now.orElseThrow().of(share.candidate()).compareTo(BigDecimal.valueOf(share.percent())) <= 0;
    }

    /** The switch. */
    public static FlagPlan of(FlagChange.Kill change, String place, Optional<Shares> now, FlagStep... steps) {
        return new FlagPlan(change, place, now, Optional.empty(), List.of(), List.of(steps));
    }
}
