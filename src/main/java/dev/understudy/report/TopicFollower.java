package dev.understudy.report;

import dev.understudy.kafka.TopicReader;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordDeserializationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the topics of decisions, windows and disagreements for ever, and puts them on the board. Each topic is opened again
 * by itself when it cannot be read, a record that cannot be read is left out and counted; the board says so. Nothing else
 * depends on it.
 */
public final class TopicFollower implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TopicFollower.class);
    private static final Duration WAIT = Duration.ofMillis(100);
    private static final long AGAIN_NANOS = Duration.ofSeconds(5).toNanos();

    private final List<? extends Following<?>> topics;
    private final Board board;
    private final Thread thread;
    private final CountDownLatch closed = new CountDownLatch(1);

    /** A topic and what becomes of its records. */
    record Source<V>(Supplier<TopicReader<String, V>> topic, Consumer<ConsumerRecord<String, V>> taker) {}

    private TopicFollower(List<Source<?>> sources, Board board) {
        this.topics = sources.stream().map(TopicFollower::following).toList();
        this.board = board;
        this.thread = new Thread(this::run, "report-topics");
        thread.setDaemon(true);
    }

    private static <V> Following<V> following(Source<V> source) {
        return new Following<>(source);
    }

    /** Begins to follow; a topic that cannot be opened is told by the board. */
    public static TopicFollower start(ReportTopics topics, Board board) {
        TopicFollower follower = new TopicFollower(topics.onto(board), board);
        follower.thread.start();
        return follower;
    }

    private void run() {
        try {
            while (!closed.await(0, TimeUnit.MILLISECONDS)) {
                topics.forEach(Following::go);
                board.followed(
                        topics.stream().allMatch(Following::isCaughtUp),
                        topics.stream()
                                .flatMap(topic -> topic.problem().stream())
                                .findFirst()
                                .orElse(null),
                        topics.stream().mapToLong(Following::leftOut).sum());
                pauseWhileNoneIsOpen();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Throwable e) { // it would go on to be shown as if it were up to date
            board.followed(false, "following the topics has ended: " + e, 0);
            throw e;
        } finally {
            topics.forEach(Following::close);
        }
    }

    /** An open topic waits for records; without any this would spin. */
    private void pauseWhileNoneIsOpen() throws InterruptedException {
        if (topics.stream().noneMatch(Following::isOpen)) {
            boolean unused = closed.await(WAIT.toMillis(), TimeUnit.MILLISECONDS);
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

    /** One topic, by the follower's thread alone. */
    private static final class Following<V> {
        private final Source<V> source;
        private @Nullable TopicReader<String, V> reader;
        private Map<TopicPartition, Long> end = Map.of();
        private boolean caughtUp;
        private @Nullable String problem;
        private long nextCheck = System.nanoTime();
        private long leftOut;

        Following(Source<V> source) {
            this.source = source;
        }

        void go() {
            try {
                boolean isDue = System.nanoTime() - nextCheck >= 0;
                if (reader == null && isDue) {
                    reader = source.topic().get();
                    end = reader.endOffsets();
                } else if (reader != null && isDue) {
                    reader.endOffsets(); // a poll says nothing of brokers that are gone
                }
                if (isDue) {
                    nextCheck = System.nanoTime() + AGAIN_NANOS;
                    problem = null;
                }
                if (reader != null) {
                    reader.poll(WAIT).forEach(source.taker());
                    caughtUp |= reader.reached(end);
                }
            } catch (RecordDeserializationException e) {
                leftOut++;
                LOG.warn(
                        "A record is left out of the report, topic={} partition={} offset={}",
                        e.topicPartition().topic(),
                        e.topicPartition().partition(),
                        e.offset());
                if (reader != null) {
                    reader.skip(e);
                }
            } catch (RuntimeException e) {
                LOG.warn("Decisions are not up to date here, problem={}", e.getMessage());
                problem = String.valueOf(e.getMessage());
                nextCheck = System.nanoTime() + AGAIN_NANOS;
                close();
            }
        }

        boolean isOpen() {
            return reader != null;
        }

        long leftOut() {
            return leftOut;
        }

        boolean isCaughtUp() {
            return caughtUp;
        }

        Optional<String> problem() {
            return Optional.ofNullable(problem);
        }

        void close() {
            TopicReader<String, V> open = reader;
            reader = null;
            if (open != null) {
                try {
                    open.close();
                } catch (RuntimeException e) {
                    LOG.warn("A reader of the report did not close, problem={}", e.getMessage());
                }
            }
        }
    }
}
