package dev.understudy.kafka.avro;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.understudy.avro.ModelResult;
import dev.understudy.avro.Origin;
import dev.understudy.avro.Outcome;
import dev.understudy.avro.Prediction;
import dev.understudy.avro.PredictionRequest;
import dev.understudy.avro.PredictionStatus;
import dev.understudy.avro.RolloutStage;
import dev.understudy.avro.RoutingDecision;
import dev.understudy.avro.RoutingReason;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;

class AvroJsonTest {
    @Test
    void a_prediction_has_the_schemas_names_plain_unions_and_enums_as_text() {
        Prediction prediction = Prediction.newBuilder()
                .setRequestId("r")
                .setEntityId("e")
                .setOrigin(new Origin(2, 7L))
                .setModel("fraud")
                .setModelVersion("v1")
                .setStatus(PredictionStatus.SCORED)
                .setScore(0.5)
                .setVector(List.of(1.0, 2.0))
                .setDecision(new RoutingDecision("flag", null, RoutingReason.ROLLOUT))
                .setScoredAt(5)
                .build();

        assertThat(AvroJson.of(prediction))
                .hasToString("{\"requestId\":\"r\",\"entityId\":\"e\",\"origin\":{\"partition\":2,\"offset\":7},"
                        + "\"model\":\"fraud\",\"modelVersion\":\"v1\",\"status\":\"SCORED\",\"score\":0.5,"
                        + "\"label\":null,\"probabilities\":null,\"vector\":[1.0,2.0],\"errorCode\":null,"
                        + "\"errorMessage\":null,\"decision\":{\"flagKey\":\"flag\",\"variation\":null,"
                        + "\"reason\":\"ROLLOUT\"},\"epoch\":0,\"queueNanos\":0,\"batchNanos\":0,\"batchRows\":0,"
                        + "\"scoredAt\":5,\"shadowTargets\":[],\"flagsStaleSince\":null}");
    }

    @Test
    void a_timestamp_is_iso_8601() {
        RolloutStage stage = RolloutStage.newBuilder()
                .setModel("m")
                .setProductionVersion("v1")
                .setCandidateVersion("v2")
                .setEpoch(1)
                .setPercent(5)
                .setSince(Instant.parse("2026-11-22T10:15:30.120Z"))
                .setHoldSeconds(60)
                .setMargins(Map.of("flips", 0.02))
                .build();

        JsonNode json = AvroJson.of(stage);

        assertThat(json.get("since").asText()).isEqualTo("2026-11-22T10:15:30.120Z");
        assertThat(json.get("margins")).hasToString("{\"flips\":0.02}");
    }

    @Test
    void a_plain_long_stays_a_number() {
        JsonNode json = AvroJson.of(Outcome.newBuilder()
                .setRequestId("r")
                .setEntityId("e")
                .setObservedAt(Long.MAX_VALUE)
                .build());

        assertThat(json.get("observedAt")).hasToString("9223372036854775807");
    }

    @Test
    void every_branch_of_a_feature_loses_its_wrapper() {
        Map<String, Object> features = new LinkedHashMap<>();
        features.put("none", null);
        features.put("real", 1.5);
        features.put("whole", 3L);
        features.put("bool", true);
        features.put("text", "de");
        features.put("vector", List.of(1.0));
        PredictionRequest request = PredictionRequest.newBuilder()
                .setRequestId("r")
                .setEntityId("e")
                .setCreatedAt(1)
                .setFeatures(features)
                .build();

        assertThat(AvroJson.of(request).get("features"))
                .hasToString("{\"none\":null,\"real\":1.5,\"whole\":3,\"bool\":true,\"text\":\"de\",\"vector\":[1.0]}");
    }

    @Test
    void a_number_that_is_not_finite_is_written_as_text() {
        ModelResult result = ModelResult.newBuilder()
                .setModelVersion("v1")
                .setScore(Double.NaN)
                .build();

        assertThat(AvroJson.of(result).toString()).contains("\"score\":\"NaN\"");
    }

    @Test
    void a_generic_record_of_the_rarer_types_is_written_too() {
        Schema schema = new Schema.Parser()
                .parse(
                        "{\"type\":\"record\",\"name\":\"R\",\"fields\":["
                                + "{\"name\":\"b\",\"type\":\"bytes\"},"
                                + "{\"name\":\"f\",\"type\":\"float\"},"
                                + "{\"name\":\"i\",\"type\":\"int\"},"
                                + "{\"name\":\"x\",\"type\":{\"type\":\"fixed\",\"name\":\"X\",\"size\":2}},"
                                + "{\"name\":\"t\",\"type\":[\"null\",{\"type\":\"long\",\"logicalType\":\"timestamp-millis\"}]}]}");
        GenericRecord record = new GenericData.Record(schema);
        record.put("b", ByteBuffer.wrap(new byte[] {1, 2, 3}));
        record.put("f", 0.5f);
        record.put("i", 7);
        record.put("x", new GenericData.Fixed(schema.getField("x").schema(), new byte[] {4, 5}));
        record.put("t", 0L);

        assertThat(AvroJson.of(record))
                .hasToString("{\"b\":\"AQID\",\"f\":0.5,\"i\":7,\"x\":\"BAU=\",\"t\":\"1970-01-01T00:00:00Z\"}");
    }
}
