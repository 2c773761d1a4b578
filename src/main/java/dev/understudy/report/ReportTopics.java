package dev.understudy.report;

import dev.understudy.avro.Disagreement;
import dev.understudy.avro.ReadinessSummary;
import dev.understudy.avro.WindowSummary;
import dev.understudy.kafka.TopicReader;
import java.util.List;
import java.util.function.Supplier;

/** How the topics that are reported on are opened; each is opened again when it could not be read. */
public record ReportTopics(
        Supplier<TopicReader<String, WindowSummary>> shadowMetrics,
        Supplier<TopicReader<String, ReadinessSummary>> rolloutReadiness,
        Supplier<TopicReader<String, Disagreement>> disagreements) {
    /** What becomes of their records. */
    List<TopicFollower.Source<?>> onto(Board board) {
        return List.of(
                new TopicFollower.Source<>(shadowMetrics, board::window),
                new TopicFollower.Source<>(rolloutReadiness, board::decision),
                new TopicFollower.Source<>(disagreements, board::disagreement));
    }
}
