package dev.understudy.page;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.report.Board;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.PreEncodedHttpField;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Server-sent events (HTML Living Standard, section 9.2): {@code windows} with those that changed, all of them at first,
 * {@code state} with the rest of what topics say and {@code process} with how this process is, each whenever it differs. A reader that is slow misses steps on the way, never the
 * latest state. The number of readers is bounded.
 */
final class EventStreams implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EventStreams.class);
    static final int MOST_READERS = 32;
    private static final Duration TICK = Duration.ofSeconds(1);
    private static final int BEAT_TICKS = 10;
    private static final HttpField TYPE = new PreEncodedHttpField(HttpHeader.CONTENT_TYPE, "text/event-stream");

    private final Board board;
    private final Supplier<ObjectNode> process;
    private final Clock clock;
    private final Set<Reader> readers = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService ticker = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "page-events");
        thread.setDaemon(true);
        return thread;
    });

    private final ScheduledFuture<?> ticking;

    EventStreams(Board board, Supplier<ObjectNode> process, Clock clock) {
        this.board = board;
        this.process = process;
        this.clock = clock;
        this.ticking =
                ticker.scheduleWithFixedDelay(this::tick, TICK.toMillis(), TICK.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Begins a stream on the response; false where there are too many already, and nothing was done. */
    boolean open(Response response, Callback callback) {
        State now = now();
        Reader reader = new Reader(response, callback);
        synchronized (readers) {
            if (readers.size() >= MOST_READERS) {
                return false;
            }
            readers.add(reader);
        }
        response.setStatus(HttpStatus.OK_200);
        response.getHeaders().put(TYPE);
        reader.push(now);
        return true;
    }

    /** Everything but windows, in one document. */
    String all() {
        ObjectNode state = board.state(clock.instant());
        state.set("process", process.get());
        return state.toString();
    }

    /** What is sent whenever it differs. */
    private record State(String topics, String process) {}

    private State now() {
        return new State(board.state(clock.instant()).toString(), process.get().toString());
    }

    private void tick() {
        try {
            if (!readers.isEmpty()) {
                State now = now();
                readers.forEach(reader -> push(reader, now));
            }
        } catch (RuntimeException e) { // one that leaves would end all ticks
            LOG.error("The page was not sent on", e);
        }
    }

    private static void push(Reader reader, State now) {
        try {
            reader.push(now);
        } catch (RuntimeException e) { // the other readers go on
            reader.failed(e);
        }
    }

    @Override
    public void close() {
        ticking.cancel(false);
        ticker.shutdownNow();
        readers.forEach(Reader::end);
    }

    /** One open page. */
    private final class Reader {
        private final Response response;
        private final Callback callback;
        private boolean isWriting;
        private boolean ended;
        private long windowsUpTo = -1;
        private String sentTopics = "";
        private String sentProcess = "";
        private int silentTicks;

        Reader(Response response, Callback callback) {
            this.response = response;
            this.callback = callback;
        }

        void push(State state) {
            ByteBuffer next;
            synchronized (this) {
                if (isWriting || ended) {
                    return;
                }
                String text = next(state);
                if (text.isEmpty()) {
                    return;
                }
                isWriting = true;
                next = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            }
            response.write(false, next, Callback.from(this::written, this::failed));
        }

        private String next(State state) {
            StringBuilder text = new StringBuilder();
            long upTo = board.version();
            if (windowsUpTo < upTo) {
                List<String> windows = board.windowsSince(windowsUpTo);
                windowsUpTo = upTo;
                if (!windows.isEmpty()) {
                    event(text, "windows", "[" + String.join(",", windows) + "]");
                }
            }
            if (!sentTopics.equals(state.topics())) {
                sentTopics = state.topics();
                event(text, "state", state.topics());
            }
            if (!sentProcess.equals(state.process())) {
                sentProcess = state.process();
                event(text, "process", state.process());
            }
            silentTicks = text.isEmpty() ? silentTicks + 1 : 0;
            if (silentTicks == BEAT_TICKS) { // keeps what lies between from closing a silent connection
                silentTicks = 0;
                text.append(": still here\n\n");
            }
            return text.toString();
        }

        /** JSON has no line breaks, so one data line holds it. */
        private static void event(StringBuilder text, String name, String json) {
            text.append("event: ").append(name).append("\ndata: ").append(json).append("\n\n");
        }

        private void written() {
            synchronized (this) {
                isWriting = false;
                if (!ended) {
                    return;
                }
            }
            callback.succeeded();
        }

        private void failed(Throwable why) {
            synchronized (this) {
                if (ended && !isWriting) {
                    return;
                }
                ended = true;
                isWriting = false;
            }
            readers.remove(this);
            callback.failed(why);
        }

        private void end() {
            synchronized (this) {
                if (ended) {
                    return;
                }
                ended = true;
                if (isWriting) { // completed once it is written
                    return;
                }
            }
            readers.remove(this);
            callback.succeeded();
        }
    }
}
