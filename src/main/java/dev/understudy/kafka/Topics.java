package dev.understudy.kafka;

import dev.understudy.avro.Comparison;
import dev.understudy.avro.Disagreement;
import dev.understudy.avro.Outcome;
import dev.understudy.avro.Prediction;
import dev.understudy.avro.PredictionRequest;
import dev.understudy.avro.ReadinessSummary;
import dev.understudy.avro.RolloutStage;
import dev.understudy.avro.ShadowRequest;
import dev.understudy.avro.WindowSummary;
import dev.understudy.domain.DeclaredStage;
import dev.understudy.domain.ForkedRequest;
import dev.understudy.domain.Request;
import dev.understudy.kafka.Topic.Partitioning;
import dev.understudy.kafka.avro.AvroSerdes;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/** The one place where topics are declared. A stage never writes a topic's name as a string. */
public final class Topics {
    private static final Pattern ALLOWED_PREFIX = Pattern.compile("[a-zA-Z0-9._-]{0,200}");

    private final Topic<String, Request> predictionRequests;
    private final Topic<String, Prediction> predictions;
    private final Topic<String, ForkedRequest> shadowRequests;
    private final Topic<String, Comparison> comparisons;
    private final Topic<String, Outcome> outcomes;
    private final Topic<String, DeclaredStage> rolloutStages;
    private final Topic<String, WindowSummary> shadowMetrics;
    private final Topic<String, ReadinessSummary> rolloutReadiness;
    private final Topic<String, Disagreement> disagreements;
    private final Topic<byte[], byte[]> deadLetters;

    /**
     * @param prefix stands before every name as it is, e.g. {@code fraud.}; may be empty
     * @param serdes where the topics' value serdes come from; the caller closes it
     */
    public Topics(String prefix, AvroSerdes serdes) {
        if (!ALLOWED_PREFIX.matcher(prefix).matches()) {
            throw new IllegalArgumentException(
                    "kafka.topic-prefix must be at most 200 letters, digits, '.', '_' or '-', was '" + prefix + "'");
        }
        Serde<String> text = Serdes.String();
        Serde<byte[]> bytes = Serdes.ByteArray();
        this.predictionRequests = new Topic<>(
                prefix + "prediction-requests",
                text,
                serdes.requests(),
                Partitioning.WITH_REQUESTS,
                keptFor(Duration.ofDays(7)));
        this.predictions = new Topic<>(
                prefix + "predictions",
                text,
                serdes.predictions(),
                Partitioning.WITH_REQUESTS,
                keptFor(Duration.ofDays(7)));
        this.shadowRequests = new Topic<>(
                prefix + "shadow-requests",
                text,
                serdes.forkedRequests(),
                Partitioning.WITH_REQUESTS,
                keptFor(Duration.ofDays(1)));
        this.comparisons = new Topic<>(
                prefix + "comparisons",
                text,
                serdes.comparisons(),
                Partitioning.WITH_REQUESTS,
                keptFor(Duration.ofDays(7)));
        this.outcomes = new Topic<>(
                prefix + "outcomes",
                text,
                serdes.of(Outcome.class),
                Partitioning.WITH_REQUESTS,
                keptFor(Duration.ofDays(7)));
        this.rolloutStages = new Topic<>(
                prefix + "rollout-stages", text, serdes.declaredStages(), Partitioning.SMALL, latestPerKey());
        this.shadowMetrics = new Topic<>(
                prefix + "shadow-metrics",
                text,
                serdes.of(WindowSummary.class),
                Partitioning.SMALL,
                keptFor(Duration.ofDays(30)));
        this.rolloutReadiness = new Topic<>(
                prefix + "rollout-readiness",
                text,
                serdes.of(ReadinessSummary.class),
                Partitioning.SMALL,
                latestPerKey());
        this.disagreements = new Topic<>(
                prefix + "disagreements",
                text,
                serdes.of(Disagreement.class),
                Partitioning.SMALL,
                keptFor(Duration.ofDays(7)));
        this.deadLetters =
                new Topic<>(prefix + "dead-letters", bytes, bytes, Partitioning.SMALL, keptFor(Duration.ofDays(30)));
    }

    /** Requests by entity id: the input. */
    public Topic<String, Request> predictionRequests() {
        return predictionRequests;
    }

    /** One prediction for each readable request, by entity id. */
    public Topic<String, Prediction> predictions() {
        return predictions;
    }

    /** What SCORE forked for SHADOW, by entity id; kept only for as long as the shadow path may fall behind. */
    public Topic<String, ForkedRequest> shadowRequests() {
        return shadowRequests;
    }

    /** One comparison for each shadow request and candidate, by entity id. */
    public Topic<String, Comparison> comparisons() {
        return comparisons;
    }

    /** What really happened, by entity id: the second input. */
    public Topic<String, Outcome> outcomes() {
        return outcomes;
    }

    /** Declared rollout stages by pair, the latest of each pair kept for ever. */
    public Topic<String, DeclaredStage> rolloutStages() {
        return rolloutStages;
    }

    /** Summaries of windows by pair and window. */
    public Topic<String, WindowSummary> shadowMetrics() {
        return shadowMetrics;
    }

    /** The decision by pair and segment, the latest kept for ever. */
    public Topic<String, ReadinessSummary> rolloutReadiness() {
        return rolloutReadiness;
    }

    /** Large differences by pair. */
    public Topic<String, Disagreement> disagreements() {
        return disagreements;
    }

    /** Original bytes of what could not be read or processed. */
    public Topic<byte[], byte[]> deadLetters() {
        return deadLetters;
    }

    /** Every topic, in the order in which data passes. */
    public List<Topic<?, ?>> all() {
        return List.of(
                predictionRequests,
                predictions,
                shadowRequests,
                comparisons,
                outcomes,
                rolloutStages,
                shadowMetrics,
                rolloutReadiness,
                disagreements,
                deadLetters);
    }

    /** The Avro record of each topic's values; dead letters have none. */
    public Map<Topic<?, ?>, Class<? extends SpecificRecord>> records() {
        Map<Topic<?, ?>, Class<? extends SpecificRecord>> records = new LinkedHashMap<>();
        records.put(predictionRequests, PredictionRequest.class);
        records.put(predictions, Prediction.class);
        records.put(shadowRequests, ShadowRequest.class);
        records.put(comparisons, Comparison.class);
        records.put(outcomes, Outcome.class);
        records.put(rolloutStages, RolloutStage.class);
        records.put(shadowMetrics, WindowSummary.class);
        records.put(rolloutReadiness, ReadinessSummary.class);
        records.put(disagreements, Disagreement.class);
        return records;
    }

    private static Map<String, String> keptFor(Duration retention) {
        return Map.of(
                TopicConfig.CLEANUP_POLICY_CONFIG,
                TopicConfig.CLEANUP_POLICY_DELETE,
                TopicConfig.RETENTION_MS_CONFIG,
                Long.toString(retention.toMillis()));
    }

    private static Map<String, String> latestPerKey() {
        return Map.of(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT);
    }
}
