package dev.understudy.report;

import dev.understudy.kafka.TopicReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the topics of decisions, windows, rollout stages and disagreements from their beginning, for ever, and puts them on
 * the board. When they cannot be read it says so on the board and tries again; nothing else depends on it.
 */
public final class TopicFollower implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TopicFollower.class);
    private static final Duration WAIT = Duration.ofMillis(100);
    private static final Duration AGAIN = Duration.ofSeconds(5);

    private final List<Source<?>> sources;
    private final Board board;
    private final Thread thread;
    private final CountDownLatch closed = new CountDownLatch(1);

    /** A topic and what becomes of its records. */
    record Source<V>(Supplier<TopicReader<String, V>> topic, Consumer<ConsumerRecord<String, V>> taker) {
        Open<V> open() {
            return new Open<>(topic.get(), taker);
        }
    }

    private record Open<V>(TopicReader<String, V> reader, Consumer<ConsumerRecord<String, V>> taker) {
        void poll() {
            reader.poll(WAIT).forEach(taker);
        }
    }

    private TopicFollower(List<Source<?>> sources, Board board) {
        this.sources = sources;
        this.board = board;
        this.thread = new Thread(this::run, "report-topics");
        thread.setDaemon(true);
    }

    /** Begins to follow; a topic that cannot be opened is told by the board. */
    public static TopicFollower start(ReportTopics topics, Board board) {
        TopicFollower follower = new TopicFollower(topics.onto(board), board);
        follower.thread.start();
        return follower;
    }

    private void run() {
        try {
            do {
                follow();
            } while (!closed.await(AGAIN.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void follow() {
        List<Open<?>> open = new ArrayList<>();
        try {
            for (Source<?> source : sources) {
                open.add(source.open());
            }
            while (closed.getCount() > 0) {
                for (Open<?> one : open) {
                    one.poll();
                }
                board.problem(null);
            }
        } catch (RuntimeException e) {
            if (closed.getCount() > 0) {
                LOG.warn("Decisions are not up to date here, problem={}", e.getMessage());
                board.problem(String.valueOf(e.getMessage()));
            }
        } finally {
            open.forEach(one -> one.reader().close());
        }
    }

    @Override
    public void close() {
        closed.countDown();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
