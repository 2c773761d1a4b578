package dev.understudy.score;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.avro.Prediction;
import dev.understudy.domain.DeclaredStages;
import dev.understudy.domain.FraudRequests;
import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.Request;
import dev.understudy.flags.FixedFlags;
import dev.understudy.kafka.AheadCounts;
import dev.understudy.kafka.PipelineStage;
import dev.understudy.kafka.StageDriver;
import dev.understudy.kafka.Topics;
import dev.understudy.kafka.avro.AvroSerdes;
import dev.understudy.kafka.avro.InMemoryRegistry;
import dev.understudy.model.onnx.OnnxModelRepository;
import dev.understudy.model.onnx.OnnxSettings;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A request gets the same prediction, to the last bit, in a polled batch of any size and alone. */
final class BitIdentityTest {
    private static final int ROWS = 1_500;
    private static final int[] BATCHES = {1, 2, 3, 7, 16, 64, 257, 500};

    private final Topics topics = new Topics("", new AvroSerdes(new InMemoryRegistry()));

    @TempDir
    Path state;

    @Test
    void predictions_of_shipped_models_are_the_same_in_any_batch_and_alone() throws Exception {
        List<Request> requests = FraudRequests.read().take(ROWS);
        FixedFlags flags = new FixedFlags("v1");
        for (int i = 0; i < requests.size(); i++) {
            // All versions in each batch, each entity with its own.
            flags.serveTo(
                    requests.get(i).entityId(),
                    "v" + (1 + Math.floorMod(requests.get(i).entityId().hashCode(), 4)));
        }
        try (OnnxModelRepository models = OnnxModelRepository.open(
                        Path.of("models"), "fraud", OnnxSettings.pipeline(), Clock.systemUTC());
                HangWatchdog watchdog = new HangWatchdog(Duration.ofMinutes(5), () -> {})) {
            for (ModelVersion version : models.versions()) {
                assertThat(models.load(version).version()).isEqualTo(version);
            }
            RequestScorer scorer = new RequestScorer(
                    flags, models, new DeclaredStages(), watchdog, System::nanoTime, InstantSource.system());

            List<Prediction> alone = predict(scorer, requests, false);
            List<Prediction> batched = predict(scorer, requests, true);

            assertThat(alone).extracting(p -> p.getModelVersion().orElseThrow()).contains("v1", "v2", "v3", "v4");
            assertThat(alone).extracting(Prediction::getBatchRows).containsOnly(1);
            assertThat(batched).extracting(Prediction::getBatchRows).anyMatch(rows -> rows > 100);
            for (int row = 0; row < ROWS; row++) {
                Prediction one = alone.get(row);
                Prediction same = batched.get(row);
                assertThat(same.getRequestId()).isEqualTo(one.getRequestId());
                assertThat(same.getModelVersion()).isEqualTo(one.getModelVersion());
                assertThat(same.getLabel()).isEqualTo(one.getLabel());
                assertThat(same.getProbabilities()).isEqualTo(one.getProbabilities());
                assertThat(Double.doubleToRawLongBits(same.getScore().orElseThrow()))
                        .as(
                                "score of row %s by %s: %s, alone %s",
                                row, one.getModelVersion(), same.getScore(), one.getScore())
                        .isEqualTo(Double.doubleToRawLongBits(one.getScore().orElseThrow()));
            }
        }
    }

    private List<Prediction> predict(RequestScorer scorer, List<Request> requests, boolean polled) {
        PipelineStage stage = ScoreTopology.stage(topics, "fraud", scorer);
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (Request request : requests) {
            byte[] value = topics.predictionRequests()
                    .valueSerde()
                    .serializer()
                    .serialize(topics.predictionRequests().name(), request);
            records.add(new ConsumerRecord<>(
                    topics.predictionRequests().name(), 0, records.size(), bytes(request.entityId()), value));
        }
        if (polled) {
            Random random = new Random(7);
            for (int from = 0; from < records.size(); ) {
                int to = Math.min(records.size(), from + BATCHES[random.nextInt(BATCHES.length)]);
                StageDriver.poll(stage, records.subList(from, to));
                from = to;
            }
        }
        try (StageDriver driver = new StageDriver("score", stage, topics, state)) {
            TestInputTopic<byte[], byte[]> input = driver.driver()
                    .createInputTopic(
                            topics.predictionRequests().name(), new ByteArraySerializer(), new ByteArraySerializer());
            TestOutputTopic<String, Prediction> output = driver.driver()
                    .createOutputTopic(
                            topics.predictions().name(),
                            topics.predictions().keySerde().deserializer(),
                            topics.predictions().valueSerde().deserializer());
            records.forEach(
                    record -> input.pipeInput(new TestRecord<>(record.key(), record.value(), record.headers())));
            AheadCounts counts = driver.health().ahead().orElseThrow();
            assertThat(counts.single()).isEqualTo(polled ? 0 : ROWS);
            assertThat(counts.rows()).isEqualTo(polled ? ROWS : 0);
            return output.readValuesToList();
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
