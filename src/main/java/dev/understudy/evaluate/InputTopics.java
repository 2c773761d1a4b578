package dev.understudy.evaluate;

import dev.understudy.kafka.TopicReader;
import dev.understudy.kafka.TopicUnavailableException;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** The topics, where they begin and end. */
final class InputTopics {
    private final Map<InputTopic, TopicReader<?, ?>> readers = new EnumMap<>(InputTopic.class);
    private final Map<InputTopic, Map<Integer, Long>> beginnings = new EnumMap<>(InputTopic.class);
    private final List<String> gone;

    /** @param outcomes null where they are not joined: the topic need not be there */
    InputTopics(
            TopicReader<?, ?> comparisons,
            TopicReader<?, ?> predictions,
            @Nullable TopicReader<?, ?> outcomes,
            List<String> gone) {
        this.gone = gone;
        readers.put(InputTopic.COMPARISONS, comparisons);
        readers.put(InputTopic.PREDICTIONS, predictions);
        if (outcomes != null) {
            readers.put(InputTopic.OUTCOMES, outcomes);
        }
        readers.forEach((topic, reader) -> beginnings.put(topic, byNumber(reader.beginningOffsets())));
    }

    private static Map<Integer, Long> byNumber(Map<TopicPartition, Long> offsets) {
        Map<Integer, Long> byNumber = new LinkedHashMap<>();
        offsets.forEach((partition, offset) -> byNumber.put(partition.partition(), offset));
        return byNumber;
    }

    boolean areLongEnough(Map<Integer, InputsRead> read) {
        int before = gone.size();
        readers.forEach((topic, reader) -> {
            Map<Integer, Long> ends = byNumber(reader.endOffsets());
            read.forEach((number, inputs) -> {
                long to = inputs.of(topic).to();
                long end = ends.getOrDefault(number, 0L);
                if (end < to) {
                    gone.add(name(topic, number) + ": read up to offset " + to + ", the topic ends at " + end
                            + ": it was deleted and made anew, or this is another cluster");
                }
            });
        });
        return gone.size() == before;
    }

    /** Whether everything of a partition is there that was read. */
    boolean beginEarlyEnough(int number, InputsRead read) {
        int before = gone.size();
        beginnings.forEach((topic, offsets) -> {
            long beginning = offsets.getOrDefault(number, 0L);
            InputsRead.Range range = read.of(topic);
            long from = Math.max(0, range.from());
            if (range.to() > from && beginning > from) {
                gone.add(name(topic, number) + ": offsets " + from + " to "
                        + (Math.min(beginning, range.to()) - 1) + " of " + from + " to " + (range.to() - 1)
                        + " were deleted, the topic begins at " + beginning
                        + "; its retention must outlast what is to be verified");
            }
        });
        return gone.size() == before;
    }

    /** What is deleted while it is read would be missing without a word. */
    void requireUnchanged(Map<Integer, InputsRead> read) {
        readers.forEach((topic, reader) -> {
            Map<Integer, Long> now = byNumber(reader.beginningOffsets());
            Map<Integer, Long> before = beginnings.getOrDefault(topic, Map.of());
            boolean someWereNeeded = read.entrySet().stream().anyMatch(entry -> {
                InputsRead.Range range = entry.getValue().of(topic);
                long beginning = now.getOrDefault(entry.getKey(), 0L);
                return beginning > before.getOrDefault(entry.getKey(), 0L)
                        && range.to() > range.from()
                        && beginning > Math.max(0, range.from());
            });
            if (someWereNeeded) {
                throw new TopicUnavailableException("the oldest " + topic.text()
                        + " were deleted by the topic's retention while they were read; run it again");
            }
        });
    }

    private static String name(InputTopic topic, int number) {
        return topic.text() + ", partition " + number;
    }
}
