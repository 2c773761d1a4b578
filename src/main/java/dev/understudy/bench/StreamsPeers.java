package dev.understudy.bench;

import dev.understudy.avro.Prediction;
import dev.understudy.avro.PredictionRequest;
import dev.understudy.kafka.PipelineStage;
import dev.understudy.kafka.StageRunner;
import dev.understudy.kafka.StageSettings;
import dev.understudy.kafka.Topics;
import dev.understudy.kafka.avro.AvroSerdes;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;

/** Peers on Kafka Streams, run with the settings of our own stages. */
final class StreamsPeers {
    private StreamsPeers() {}

    /** Requests become predictions byte by byte. */
    static StageRunner copy(BenchConnection connection, AvroSerdes serdes, Path state) {
        Topics topics = connection.topics(serdes);
        Serde<byte[]> bytes = Serdes.ByteArray();
        return runner(connection, topics, state, config -> {
            StreamsBuilder builder = new StreamsBuilder(config);
            builder.stream(
                            topics.predictionRequests().name(),
                            Consumed.with(bytes, bytes).withName("requests"))
                    .to(
                            topics.predictions().name(),
                            Produced.<byte[], byte[]>as("predictions")
                                    .withKeySerde(bytes)
                                    .withValueSerde(bytes));
            return builder.build();
        });
    }

    /** Generated classes, and a call for each record. */
    static StageRunner naive(BenchConnection connection, AvroSerdes serdes, Path state, NaivePredictor predictor) {
        Topics topics = connection.topics(serdes);
        return runner(connection, topics, state, config -> {
            StreamsBuilder builder = new StreamsBuilder(config);
            builder.stream(
                            topics.predictionRequests().name(),
                            Consumed.with(Serdes.String(), serdes.of(PredictionRequest.class))
                                    .withName("requests"))
                    .mapValues(predictor::predict, Named.as("predict"))
                    .to(
                            topics.predictions().name(),
                            Produced.<String, Prediction>as("predictions")
                                    .withKeySerde(Serdes.String())
                                    .withValueSerde(serdes.of(Prediction.class)));
            return builder.build();
        });
    }

    private static StageRunner runner(
            BenchConnection connection, Topics topics, Path state, Function<TopologyConfig, Topology> topology) {
        return new StageRunner(
                connection.kafka(),
                StageSettings.standard("peer", connection.topicPrefix() + "peer", state),
                new PipelineStage(
                        topology, Optional.empty(), List.of(topics.predictionRequests(), topics.predictions())),
                topics.deadLetters());
    }
}
