package dev.understudy.kafka.avro;

import static dev.understudy.domain.GoldenBytes.assertWrittenAsBefore;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.avro.Comparison;
import dev.understudy.avro.ComparisonStatus;
import dev.understudy.avro.LikeForLike;
import dev.understudy.avro.ModelResult;
import dev.understudy.avro.ModelTask;
import dev.understudy.avro.Origin;
import dev.understudy.avro.Prediction;
import dev.understudy.avro.PredictionStatus;
import dev.understudy.avro.RoutingDecision;
import dev.understudy.avro.RoutingReason;
import dev.understudy.avro.ShadowTarget;
import dev.understudy.domain.FeatureMap;
import dev.understudy.domain.ForkedRequest;
import dev.understudy.domain.GoldenBytes;
import dev.understudy.domain.RowResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.avro.Schema;
import org.apache.kafka.common.serialization.Serde;
import org.junit.jupiter.api.Test;

/**
 * Records of topics that are encoded by hand, as an earlier build wrote them with the schemas of then, which stand beside them.
 * A schema that grows writes other bytes: then what is written is held to new ones, and these are still read.
 */
final class GoldenRecordsTest {
    private static final int ID = 1;

    private final InMemoryRegistry registry = new InMemoryRegistry();
    private final AvroSerdes serdes = new AvroSerdes(registry);

    @Test
    void prediction_of_an_earlier_build_is_read_and_would_be_written_again() {
        assertThat(read("Prediction", serdes.predictions(), prediction())).isEqualTo(prediction());
    }

    @Test
    void comparison_of_an_earlier_build_is_read_and_would_be_written_again() {
        assertThat(read("Comparison", serdes.comparisons(), comparison())).isEqualTo(comparison());
    }

    @Test
    void forked_request_of_an_earlier_build_is_read_and_would_be_written_again() {
        ForkedRequest expected = HotRecordSamples.sampleForked();
        ForkedRequest read = read("ShadowRequest", serdes.forkedRequests(), expected);

        assertThat(read.origin()).isEqualTo(expected.origin());
        assertThat(read.model()).isEqualTo("fraud");
        assertThat(read.served().version()).isEqualTo(expected.served().version());
        assertThat(read.served().result())
                .isInstanceOfSatisfying(
                        RowResult.Scored.class,
                        scored -> assertThat(scored.score()).isEqualTo(0.5));
        assertThat(read.targets()).isEqualTo(expected.targets());
        assertThat(read.request().requestId()).isEqualTo("r-1");
        assertThat(FeatureMap.copyOf(read.request().features()).values())
                .usingRecursiveComparison()
                .isEqualTo(FeatureMap.copyOf(expected.request().features()).values());
    }

    /** Holds what is written today to the bytes of then, and reads these. */
    private <T> T read(String type, Serde<T> serde, T value) {
        String topic = "topic";
        assertThat(registry.register(topic + "-value", schemaOfThen(type))).isEqualTo(ID);
        String name = "topic." + type;
        byte[] wire = Objects.requireNonNull(serde.serializer().serialize(topic, value));
        assertWrittenAsBefore(name, RecordBody.ofWire(wire));
        byte[] before = HotRecordSamples.framed(ID, GoldenBytes.of(name));
        return Objects.requireNonNull(serde.deserializer().deserialize(topic, before));
    }

    private static Schema schemaOfThen(String type) {
        try {
            return new Schema.Parser()
                    .parse(Path.of("src/test/resources/golden", type + ".avsc").toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Prediction prediction() {
        return Prediction.newBuilder()
                .setRequestId("r-1")
                .setEntityId("Zoë")
                .setOrigin(new Origin(2, 7L))
                .setModel("fraud")
                .setModelVersion("v1")
                .setStatus(PredictionStatus.FAILED)
                .setScore(-0.5)
                .setLabel("fraud")
                .setProbabilities(Map.of("fraud", 0.75))
                .setVector(List.of(1.0, Double.NaN))
                .setErrorCode("MODEL_FAILED")
                .setErrorMessage("größer")
                .setDecision(new RoutingDecision("ml-model-version", "v1", RoutingReason.KILLED))
                .setEpoch(3)
                .setQueueNanos(11)
                .setBatchNanos(12)
                .setBatchRows(13)
                .setScoredAt(1_700_000_000_000L)
                .setShadowTargets(List.of(new ShadowTarget("v1", "v2", 3L)))
                .build();
    }

    private static Comparison comparison() {
        return Comparison.newBuilder()
                .setRequestId("r-1")
                .setEntityId("Zoë")
                .setOrigin(new Origin(2, 1L << 40))
                .setModel("fraud")
                .setProductionVersion("v1")
                .setCandidateVersion("v2")
                .setServedVersion("v1")
                .setEpoch(3)
                .setAttributes(Map.of("region", "eu"))
                .setTask(ModelTask.MULTICLASS)
                .setStatus(ComparisonStatus.TIMED_OUT)
                .setProduction(result("v1").setScore(0.25).setLabel("a").build())
                .setCandidate(result("v2")
                        .setProbabilities(Map.of("a", 1e-300))
                        .setVector(List.of(Double.NEGATIVE_INFINITY))
                        .setErrorCode("TIMED_OUT")
                        .setErrorMessage("took longer")
                        .build())
                .setClasses(List.of("a", "b", "c"))
                .setMismatch("other classes")
                .setLikeForLike(new LikeForLike(8, 1L, 2L, 3L, false, true))
                .setFeatures(Map.of("country", "de"))
                .build();
    }

    private static ModelResult.Builder result(String version) {
        return ModelResult.newBuilder()
                .setModelVersion(version)
                .setBatchNanos(1_000)
                .setBatchRows(8);
    }
}
