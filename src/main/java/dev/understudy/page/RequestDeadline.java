package dev.understudy.page;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * Closes connections on which no whole head of a request comes in time. An idle timeout alone begins anew with every byte, so
 * that whoever sends one now and then could keep all connections, and the probes of this process from being answered.
 */
final class RequestDeadline implements Connection.Listener {
    static final Duration LIMIT = Duration.ofSeconds(5);

    private final Scheduler scheduler;
    private final Set<Connection> waiting = ConcurrentHashMap.newKeySet();

    RequestDeadline(Scheduler scheduler) {
        this.scheduler = scheduler;
    }

    /** The head of the connection's request is there. */
    void heard(Connection connection) {
        waiting.remove(connection);
    }

    @Override
    public void onOpened(Connection connection) {
        waiting.add(connection);
        var unused = scheduler.schedule(
                () -> {
                    if (waiting.remove(connection)) {
                        connection.getEndPoint().close();
                    }
                },
                LIMIT.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    @Override
    public void onClosed(Connection connection) {
        waiting.remove(connection);
    }
}
