package dev.understudy.kafka.avro;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.understudy.avro.Outcome;
import dev.understudy.domain.DeclaredStage;
import dev.understudy.domain.FeatureMap;
import dev.understudy.domain.FeatureValue;
import dev.understudy.domain.ModelPair;
import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.References;
import dev.understudy.domain.Request;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;

/** Bytes that Confluent's own serializer wrote with the schemas of release 0.1. */
class ConfluentBytesTest {
    private final JsonNode fixture = fixture();
    private final InMemoryRegistry registry = new InMemoryRegistry();
    private final AvroSerdes serdes = new AvroSerdes(registry);

    ConfluentBytesTest() {
        for (String name : List.of("Outcome", "PredictionRequest", "RolloutStage")) {
            int id = registry.register(name, released(name));
            assertThat(id)
                    .as("id of %s in the fixture", name)
                    .isEqualTo(fixture.path(name).path("id").asInt());
        }
    }

    @Test
    void an_outcome_is_read() {
        Outcome outcome = Objects.requireNonNull(
                serdes.of(Outcome.class).deserializer().deserialize("outcomes", bytes("Outcome")));

        assertThat(outcome.getRequestId()).isEqualTo("r-1");
        assertThat(outcome.getEntityId()).isEqualTo("e");
        assertThat(outcome.getLabel()).contains("1");
        assertThat(outcome.getValue()).isEmpty();
        assertThat(outcome.getBusinessValue()).contains(12.25);
        assertThat(outcome.getObservedAt()).isEqualTo(1_700_000_000_456L);
    }

    @Test
    void a_request_with_every_kind_of_feature_is_read() {
        Request request = Objects.requireNonNull(
                serdes.requests().deserializer().deserialize("prediction-requests", bytes("PredictionRequest")));

        assertThat(request.requestId()).isEqualTo("r-1");
        assertThat(request.entityId()).isEqualTo("Zoë 🎻");
        assertThat(request.attributes()).containsExactly(Map.entry("region", "eu"), Map.entry("plan", "gold"));
        assertThat(request.createdAtMillis()).isEqualTo(1_700_000_000_123L);
        Map<String, FeatureValue> features =
                FeatureMap.copyOf(request.features()).values();
        assertThat(features.keySet())
                .containsExactly("age", "amount", "country", "vip", "missing", "X", "empty", "big", "größe");
        assertThat(features.get("age")).isEqualTo(new FeatureValue.Whole(41));
        assertThat(features.get("amount")).isEqualTo(new FeatureValue.Real(-0.5));
        assertThat(features.get("country")).isEqualTo(new FeatureValue.Text("de"));
        assertThat(features.get("vip")).isEqualTo(new FeatureValue.Bool(true));
        assertThat(features.get("missing")).isEqualTo(new FeatureValue.Missing());
        assertThat(((FeatureValue.Vector) Objects.requireNonNull(features.get("X"))).value())
                .containsExactly(1.5, Double.NaN, Double.NEGATIVE_INFINITY);
        assertThat(((FeatureValue.Vector) Objects.requireNonNull(features.get("empty"))).value())
                .isEmpty();
        assertThat(features.get("big")).isEqualTo(new FeatureValue.Whole(-1_234_567_890_123L));
        assertThat(features.get("größe")).isEqualTo(new FeatureValue.Real(1e300));
    }

    @Test
    void a_rollout_stage_is_read() {
        assertThat(serdes.declaredStages().deserializer().deserialize("rollout-stages", bytes("RolloutStage")))
                .isEqualTo(new DeclaredStage(
                        new ModelPair("fraud", new ModelVersion("v1"), new ModelVersion("v2")),
                        3,
                        25,
                        Instant.ofEpochMilli(1_700_000_000_123L),
                        Duration.ofHours(1),
                        Map.of("flips", 0.02),
                        References.none().withTailNanos(1_500_000),
                        1));
    }

    @Test
    void our_serializer_writes_the_same_bytes() {
        GenericRecord outcome = new GenericData.Record(released("Outcome"));
        outcome.put("requestId", "r-1");
        outcome.put("entityId", "e");
        outcome.put("label", "1");
        outcome.put("businessValue", 12.25);
        outcome.put("observedAt", 1_700_000_000_456L);
        AvroSerializer<GenericRecord> serializer =
                new AvroSerializer<>(new SchemaIds(registry, SerdeSettings.defaults(), false));

        assertThat(serializer.serialize("outcomes", outcome)).isEqualTo(bytes("Outcome"));
    }

    @Test
    void a_schema_id_in_the_header_is_recognised_and_named() {
        JsonNode inHeader = fixture.path("OutcomeInHeader");
        RecordHeaders headers = new RecordHeaders();
        inHeader.path("headers")
                .properties()
                .forEach(header -> headers.add(
                        header.getKey(),
                        HexFormat.of().parseHex(header.getValue().asText())));

        assertThatThrownBy(() -> serdes.of(Outcome.class)
                        .deserializer()
                        .deserialize("outcomes", headers, bytes("OutcomeInHeader")))
                .isInstanceOf(UnreadableRecordException.class)
                .hasMessageContainingAll("topic outcomes", "header __value_schema_id", "value.schema.id.serializer");
    }

    private byte[] bytes(String name) {
        return bytes(fixture, name);
    }

    static byte[] bytes(JsonNode fixture, String name) {
        return HexFormat.of().parseHex(fixture.path(name).path("hex").asText());
    }

    static Schema released(String name) {
        return Objects.requireNonNull(
                Objects.requireNonNull(SchemaHistory.released().get("0.1")).get(name));
    }

    static JsonNode fixture() {
        try (InputStream in =
                Objects.requireNonNull(ConfluentBytesTest.class.getResourceAsStream("/avro/confluent-bytes.json"))) {
            return new ObjectMapper().readTree(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
