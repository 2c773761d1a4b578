package dev.understudy.doctor;

import dev.understudy.app.Understudy;
import dev.understudy.domain.Request;
import dev.understudy.kafka.TopicReader;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.RecordDeserializationException;
import org.jspecify.annotations.Nullable;

/** The latest requests of the topic, read once for all checks that want them. Nothing is committed. */
final class RecentRequests {
    private final Understudy understudy;
    private final int number;
    private @Nullable Sample sample;

    /**
     * What was read.
     *
     * @param requests the newest first
     * @param unreadable records among the latest that could not be decoded
     */
    record Sample(List<ConsumerRecord<String, Request>> requests, int unreadable) {}

    RecentRequests(Understudy understudy, int number) {
        this.understudy = understudy;
        this.number = number;
    }

    synchronized Sample sample() {
        Sample read = sample;
        if (read == null) {
            read = read();
            sample = read;
        }
        return read;
    }

    private Sample read() {
        List<ConsumerRecord<String, Request>> read = new ArrayList<>();
        int unreadable = 0;
        try (TopicReader<String, Request> reader =
                understudy.reader(understudy.topics().predictionRequests()).latest(number)) {
            boolean isAtEnd = false;
            while (!isAtEnd) {
                try {
                    reader.readToEnd(read::add);
                    isAtEnd = true;
                } catch (RecordDeserializationException e) {
                    unreadable++;
                    reader.skip(e);
                }
            }
        }
        List<ConsumerRecord<String, Request>> newest = read.stream()
                .sorted(Comparator.comparing(ConsumerRecord<String, Request>::timestamp)
                        .reversed())
                .limit(number)
                .toList();
        return new Sample(newest, unreadable);
    }
}
