package dev.understudy.shadow;

import java.time.Duration;
import java.util.SplittableRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Leaves requests out while SHADOW is behind, by entity: who is left out while some share is kept is left out while less is, so
 * that what remains is a clean sample of entities. The share that is kept is halved as long as the lag is over its budget
 * and does not fall at least as fast as time passes, and doubled again once the lag is below a quarter of the budget. Used
 * by all stream threads at once.
 */
final class Shedding {
    private static final Logger LOG = LoggerFactory.getLogger(Shedding.class);

    private static final double SMALLEST_SHARE = 1.0 / 1024;
    /** The share is looked at so often within the budget. */
    private static final int LOOKS_PER_BUDGET = 12;
    /** Unlike the hash by which evidence sorts entities into buckets, all of which must keep their share. */
    private static final long SALT = 0x5EDD;

    private final Duration budget;
    private final long lookEveryNanos;
    private volatile double keptShare = 1;
    private long lookedNanos;
    private long worstNanos = -1;
    private long worstBeforeNanos = -1;

    /**
     * Keeps everything at first.
     *
     * @param budget how long a request may have waited: {@code shadow.lag-budget}
     * @param nowNanos by {@link System#nanoTime}
     */
    Shedding(Duration budget, long nowNanos) {
        this.budget = budget;
        this.lookEveryNanos = Math.max(1, budget.toNanos() / LOOKS_PER_BUDGET);
        this.lookedNanos = nowNanos;
    }

    /** Share of the entities that are kept, 0 to 1. */
    double keptShare() {
        return keptShare;
    }

    boolean keeps(String entityId) {
        double share = keptShare;
        return share >= 1 || new SplittableRandom(SALT ^ entityId.hashCode()).nextDouble() < share;
    }

    /** Says how long the oldest request of a batch has waited since it was forked. */
    synchronized void observe(Duration lag, long nowNanos) {
        worstNanos = Math.max(worstNanos, lag.toNanos());
        long elapsed = nowNanos - lookedNanos;
        if (elapsed < lookEveryNanos) {
            return;
        }
        long budgetNanos = budget.toNanos();
        // Not known at the first look: what waited while nobody was there may be gone soon.
        boolean catchesUp = worstBeforeNanos < 0 || worstBeforeNanos - worstNanos >= elapsed;
        if (worstNanos > budgetNanos && !catchesUp) {
            keep(Math.max(SMALLEST_SHARE, keptShare / 2), lag);
        } else if (worstNanos < budgetNanos / 4) {
            keep(Math.min(1, keptShare * 2), lag);
        }
        worstBeforeNanos = worstNanos;
        worstNanos = -1;
        lookedNanos = nowNanos;
    }

    private void keep(double share, Duration lag) {
        if (share == keptShare) {
            return;
        }
        LOG.warn("stage=shadow lag={} budget={} keeps {} of the entities, before {}", lag, budget, share, keptShare);
        keptShare = share;
    }
}
