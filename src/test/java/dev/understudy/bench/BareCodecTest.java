package dev.understudy.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.avro.Origin;
import dev.understudy.avro.Prediction;
import dev.understudy.avro.PredictionStatus;
import dev.understudy.avro.RoutingDecision;
import dev.understudy.avro.RoutingReason;
import dev.understudy.domain.FeatureMap;
import dev.understudy.domain.FeatureValue;
import dev.understudy.domain.Request;
import dev.understudy.kafka.avro.AvroSerdes;
import dev.understudy.kafka.avro.InMemoryRegistry;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The loop that we measure ourselves against reads and writes the same records as we do. */
final class BareCodecTest {
    private static final List<String> FEATURES = List.of("a", "b", "c");

    private final AvroSerdes serdes = new AvroSerdes(new InMemoryRegistry());

    private byte[] request(String... order) {
        Map<String, FeatureValue> features = new LinkedHashMap<>();
        for (String name : order) {
            features.put(
                    name,
                    name.equals("b")
                            ? new FeatureValue.Whole(-7)
                            : new FeatureValue.Real(name.equals("a") ? 0.5 : 1e10));
        }
        Request request = new Request(
                "request-1", "entity-ü", Map.of("region", "eu"), 1_764_000_000_000L, new FeatureMap(features));
        return serdes.requests().serializer().serialize("requests", request);
    }

    private static float[] decoded(byte[] request) {
        FloatBuffer rows = FloatBuffer.allocate(2 * FEATURES.size());
        new BareCodec(FEATURES, new byte[BareCodec.WIRE_PREFIX]).decode(request, new BareCodec.Ids(), rows, 1);
        return Arrays.copyOfRange(rows.array(), FEATURES.size(), 2 * FEATURES.size());
    }

    @Test
    void features_go_to_their_columns_whatever_their_order() {
        assertThat(decoded(request("a", "b", "c"))).containsExactly(0.5f, -7, 1e10f);
        assertThat(decoded(request("c", "a", "b"))).containsExactly(0.5f, -7, 1e10f);
    }

    @Test
    void prediction_reads_as_any_other() {
        Prediction expected = Prediction.newBuilder()
                .setRequestId("request-1")
                .setEntityId("entity-ü")
                .setOrigin(new Origin(3, 123_456L))
                .setModel("bench")
                .setModelVersion("v1")
                .setStatus(PredictionStatus.SCORED)
                .setScore(0.25)
                .setLabel("1")
                .setDecision(new RoutingDecision("ml-model-version", "v1", RoutingReason.DEFAULT))
                .setEpoch(0)
                .setQueueNanos(0)
                .setBatchNanos(5_000)
                .setBatchRows(2)
                .setScoredAt(1_764_000_000_001L)
                .setShadowTargets(List.of())
                .build();
        byte[] written = serdes.of(Prediction.class).serializer().serialize("predictions", expected);
        BareCodec codec = new BareCodec(FEATURES, Arrays.copyOf(written, BareCodec.WIRE_PREFIX));
        byte[] request = request("a", "b", "c");
        BareCodec.Ids ids = new BareCodec.Ids();
        codec.decode(request, ids, FloatBuffer.allocate(FEATURES.size()), 0);

        byte[] encoded = codec.encode(request, ids, 3, 123_456L, 1, 0.25f, 5_000, 2, 1_764_000_000_001L);

        assertThat(encoded).isEqualTo(written);
    }
}
