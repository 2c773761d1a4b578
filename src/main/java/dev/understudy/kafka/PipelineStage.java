package dev.understudy.kafka;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyConfig;

/**
 * What a stage is, apart from how it runs.
 *
 * @param topology builds the topology with {@code new Topology(config)} or {@code new StreamsBuilder(config)}: only so
 *     is an operator or store without a name refused
 * @param ahead what is done to each polled batch, for stages that score
 * @param topics all that it reads and writes, which must exist
 */
public record PipelineStage(
        Function<TopologyConfig, Topology> topology, Optional<ScoringAhead<?, ?>> ahead, List<Topic<?, ?>> topics) {
    public PipelineStage {
        topics = List.copyOf(topics);
    }
}
