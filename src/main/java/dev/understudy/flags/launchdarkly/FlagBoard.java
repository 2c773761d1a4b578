package dev.understudy.flags.launchdarkly;

import dev.understudy.domain.ModelVersion;
import dev.understudy.flags.ChangeListeners;
import dev.understudy.flags.FlagKeys;
import dev.understudy.flags.KnownFlags;
import java.util.Map;
import java.util.concurrent.locks.StampedLock;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The flags in force. A question that needs several flags sees all of them before a change or all of them after it,
 * never a mixture; a change is visible to every question asked after it was written.
 */
final class FlagBoard {
    private final FlagKeys keys;
    private final ModelVersion defaultVersion;
    private final int cacheSlots;
    private final StampedLock lock = new StampedLock();
    private final ChangeListeners listeners = new ChangeListeners();
    private volatile FlagState state;

    FlagBoard(FlagKeys keys, ModelVersion defaultVersion, int cacheSlots) {
        this.keys = keys;
        this.defaultVersion = defaultVersion;
        this.cacheSlots = cacheSlots;
        this.state = stateOf(Map.of());
    }

    FlagKeys keys() {
        return keys;
    }

    FlagState state() {
        return state;
    }

    void onChange(Runnable listener) {
        listeners.add(listener);
    }

    /**
     * Asks without locking; only a question that a change interrupted is asked again, under the lock.
     *
     * @param remember is told the answer that holds and the state that it belongs to
     */
    <T> T ask(Function<FlagState, T> question, BiConsumer<FlagState, T> remember) {
        long stamp = lock.tryOptimisticRead();
        if (stamp != 0) {
            FlagState asked = state;
            T answer = question.apply(asked);
            if (lock.validate(stamp)) {
                remember.accept(asked, answer);
                return answer;
            }
        }
        stamp = lock.readLock();
        try {
            T answer = question.apply(state);
            remember.accept(state, answer);
            return answer;
        } finally {
            lock.unlockRead(stamp);
        }
    }

    /**
     * Runs the write and puts up its result.
     *
     * @param write changes the SDK's data; gives the shapes of our flags after it, or null when nothing changed
     */
    boolean change(Supplier<@Nullable Map<String, FlagShape>> write) {
        long stamp = lock.writeLock();
        try {
            Map<String, FlagShape> shapes = write.get();
            if (shapes == null) {
                return false;
            }
            state = stateOf(shapes);
        } finally {
            lock.unlockWrite(stamp);
        }
        listeners.tell();
        return true;
    }

    private FlagState stateOf(Map<String, FlagShape> shapes) {
        return new FlagState(shapes, new KnownFlags(keys, defaultVersion, shapes.keySet()), cacheSlots);
    }
}
