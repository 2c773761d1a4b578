package dev.understudy.shadow;

import dev.understudy.avro.Comparison;
import dev.understudy.domain.ForkedRequest;
import dev.understudy.kafka.BoundedSerializer;
import dev.understudy.kafka.OriginPartitioner;
import dev.understudy.kafka.PipelineStage;
import dev.understudy.kafka.ScoringAhead;
import dev.understudy.kafka.Topic;
import dev.understudy.kafka.Topics;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyConfig;

/** SHADOW: every shadow request becomes one comparison for each of its targets. */
public final class ShadowTopology {
    static final String SHADOW_REQUESTS = "shadow-requests";
    static final String SHADOW = "shadow";
    static final String COMPARISONS = "comparisons";

    private final Topics topics;
    private final ScoringAhead<ForkedRequest, ShadowedRequest> ahead;

    private ShadowTopology(Topics topics, ShadowScorer scorer) {
        Topic<String, ForkedRequest> shadowRequests = topics.shadowRequests();
        this.topics = topics;
        this.ahead = new ScoringAhead<>(
                shadowRequests.name(), shadowRequests.valueSerde().deserializer(), scorer, System::nanoTime);
    }

    public static PipelineStage stage(Topics topics, ShadowScorer scorer) {
        ShadowTopology shadow = new ShadowTopology(topics, scorer);
        return new PipelineStage(
                shadow::build, Optional.of(shadow.ahead), List.of(topics.shadowRequests(), topics.comparisons()));
    }

    private Topology build(TopologyConfig config) {
        Topic<String, Comparison> comparisons = topics.comparisons();
        return new Topology(config)
                .addSource(
                        SHADOW_REQUESTS,
                        new ByteArrayDeserializer(),
                        ahead.deserializer(),
                        topics.shadowRequests().name())
                .addProcessor(SHADOW, () -> new ShadowProcessor(ahead), SHADOW_REQUESTS)
                .addSink(
                        COMPARISONS,
                        comparisons.name(),
                        comparisons.keySerde().serializer(),
                        BoundedSerializer.of(comparisons.valueSerde().serializer(), config),
                        new OriginPartitioner<Comparison>(
                                comparison -> comparison.getOrigin().getPartition()),
                        SHADOW);
    }
}
