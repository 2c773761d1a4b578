package dev.understudy.score;

import dev.understudy.domain.ModelVersion;
import dev.understudy.model.CallWatch;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the process when a model call hangs: behind it requests would wait for ever without anybody knowing. A supervisor
 * starts the process again.
 */
public final class HangWatchdog implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HangWatchdog.class);

    private final CallWatch calls;

    /**
     * Begins to watch.
     *
     * @param limit how long a call may take: {@code score.hang-limit}
     * @param halt ends the process without running shutdown hooks, which might wait for the call
     */
    public HangWatchdog(Duration limit, Runnable halt) {
        calls = new CallWatch("hang-watchdog", List.of(new CallWatch.Limit("score.hang-limit", limit, call -> {
            LOG.error(
                    "stage=score model={} rows={} thread={} model call hangs since {}, limit"
                            + " score.hang-limit={}: halting the process for its supervisor to restart",
                    call.version(),
                    call.rows(),
                    call.thread(),
                    call.age(),
                    limit);
            halt.run();
        })));
    }

    /** Makes the call on this thread, under watch. */
    <T> T watch(ModelVersion version, int rows, Supplier<T> modelCall) {
        return calls.watch(version, rows, modelCall);
    }

    @Override
    public void close() {
        calls.close();
    }
}
