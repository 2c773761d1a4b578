package dev.understudy.flags.unleash;

import io.getunleash.util.UnleashScheduledExecutor;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what the SDK wants to run repeatedly, for us to run where and when we want, and drops its notices. The SDK's own
 * executor is one for the whole JVM, has an unbounded queue, and ends for all clients when one of them is closed.
 */
final class CaughtTask implements UnleashScheduledExecutor {
    private @Nullable Runnable task;

    @Override
    public void setInterval(Runnable command, long initialDelaySec, long periodSec) {
        task = command;
    }

    @Override
    public Future<Void> scheduleOnce(Runnable notice) {
        return CompletableFuture.completedFuture(null);
    }

    void run() {
        if (task != null) {
            task.run();
        }
    }
}
