package dev.understudy.kafka;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;

/** A pipeline stage in a {@link TopologyTestDriver}, with the settings and handlers with which it runs. */
public final class StageDriver implements AutoCloseable {
    private final StageRunner runner;
    private final TopologyTestDriver driver;

    public StageDriver(String stage, PipelineStage pipelineStage, Topics topics, Path stateDirectory) {
        runner = new StageRunner(
                new KafkaConnection("localhost:1", Map.of()),
                StageSettings.standard(stage, "test", stateDirectory),
                pipelineStage,
                topics.deadLetters());
        driver = new TopologyTestDriver(topology(), runner.streamsSettings());
    }

    public TopologyTestDriver driver() {
        return driver;
    }

    public Topology topology() {
        return runner.topology();
    }

    public StageHealth health() {
        return runner.health();
    }

    /** Does to the records what a poll of the main consumer does. */
    public static void poll(PipelineStage stage, List<ConsumerRecord<byte[], byte[]>> records) {
        AheadInterceptor interceptor = new AheadInterceptor();
        interceptor.configure(Map.of(AheadInterceptor.WORK, stage.ahead().orElseThrow()));
        interceptor.onConsume(new ConsumerRecords<>(
                records.stream().collect(Collectors.groupingBy(r -> new TopicPartition(r.topic(), r.partition()))),
                Map.of()));
    }

    @Override
    public void close() {
        driver.close();
    }
}
