package dev.understudy.score;

import dev.understudy.avro.Prediction;
import dev.understudy.domain.ForkedRequest;
import dev.understudy.domain.Request;
import dev.understudy.kafka.BoundedSerializer;
import dev.understudy.kafka.NoFutureTimestamp;
import dev.understudy.kafka.OriginPartitioner;
import dev.understudy.kafka.PipelineStage;
import dev.understudy.kafka.ScoringAhead;
import dev.understudy.kafka.Topic;
import dev.understudy.kafka.Topics;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.streams.AutoOffsetReset;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyConfig;

/** SCORE: every request becomes a prediction, and where candidates are asked for also a shadow request. */
public final class ScoreTopology {
    static final String REQUESTS = "requests";
    static final String SCORE = "score";
    static final String PREDICTIONS = "predictions";
    static final String SHADOW_REQUESTS = "shadow-requests";

    private final Topics topics;
    private final String model;
    private final ScoringAhead<Request, ScoredRequest> ahead;
    private final InstantSource clock;

    private ScoreTopology(Topics topics, String model, RequestScorer scorer) {
        Topic<String, Request> requests = topics.predictionRequests();
        this.topics = topics;
        this.model = model;
        this.clock = scorer.clock();
        this.ahead =
                new ScoringAhead<>(requests.name(), requests.valueSerde().deserializer(), scorer, System::nanoTime);
    }

    /** The stage over these topics, for the model of that name. */
    public static PipelineStage stage(Topics topics, String model, RequestScorer scorer) {
        ScoreTopology score = new ScoreTopology(topics, model, scorer);
        return new PipelineStage(
                score::build,
                Optional.of(score.ahead),
                List.of(topics.predictionRequests(), topics.predictions(), topics.shadowRequests()));
    }

    private Topology build(TopologyConfig config) {
        Topic<String, Prediction> predictions = topics.predictions();
        Topic<String, ForkedRequest> shadowRequests = topics.shadowRequests();
        return new Topology(config)
                .addSource(
                        (AutoOffsetReset) null,
                        REQUESTS,
                        new NoFutureTimestamp(clock),
                        new ByteArrayDeserializer(),
                        ahead.deserializer(),
                        topics.predictionRequests().name())
                .addProcessor(SCORE, () -> new ScoreProcessor(model, ahead), REQUESTS)
                .addSink(
                        PREDICTIONS,
                        predictions.name(),
                        predictions.keySerde().serializer(),
                        BoundedSerializer.of(predictions.valueSerde().serializer(), config),
                        new OriginPartitioner<Prediction>(
                                prediction -> prediction.getOrigin().getPartition()),
                        SCORE)
                .addSink(
                        SHADOW_REQUESTS,
                        shadowRequests.name(),
                        shadowRequests.keySerde().serializer(),
                        BoundedSerializer.of(shadowRequests.valueSerde().serializer(), config),
                        new OriginPartitioner<ForkedRequest>(
                                forked -> forked.origin().partition()),
                        SCORE);
    }
}
