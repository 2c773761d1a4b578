package dev.understudy.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.avro.Outcome;
import dev.understudy.domain.DeclaredStage;
import dev.understudy.domain.FeatureMap;
import dev.understudy.domain.FeatureValue;
import dev.understudy.domain.ForkTarget;
import dev.understudy.domain.ForkedRequest;
import dev.understudy.domain.ModelPair;
import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.Origin;
import dev.understudy.domain.References;
import dev.understudy.domain.Request;
import dev.understudy.domain.RowResult;
import dev.understudy.domain.VersionAnswer;
import dev.understudy.kafka.avro.AvroSerdes;
import dev.understudy.kafka.avro.InMemoryRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class TopicsTest {
    private final Topics topics = new Topics("fraud.", new AvroSerdes(new InMemoryRegistry()));

    @Test
    void every_topic_carries_the_prefix_and_no_name_is_used_twice() {
        assertThat(topics.all())
                .hasSize(10)
                .extracting(Topic::name)
                .doesNotHaveDuplicates()
                .allMatch(name -> name.startsWith("fraud."));
    }

    @Test
    void control_and_decision_topics_keep_the_latest_per_key() {
        assertThat(topics.all())
                .filteredOn(topic -> "compact".equals(topic.configuration().get("cleanup.policy")))
                .extracting(Topic::name)
                .containsExactlyInAnyOrder("fraud.rollout-stages", "fraud.rollout-readiness");
    }

    @Test
    void a_prefix_that_kafka_would_refuse_is_refused_by_its_key() {
        assertThatThrownBy(() -> new Topics("fraud/", new AvroSerdes(new InMemoryRegistry())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("kafka.topic-prefix")
                .hasMessageContaining("'fraud/'");
    }

    @Test
    void a_request_comes_back_as_it_was() {
        Request request = request();
        assertThat(plain(throughBytes(topics.predictionRequests(), request))).isEqualTo(plain(request));
    }

    @Test
    void a_forked_request_comes_back_as_it_was() {
        ForkedRequest forked = new ForkedRequest(
                new Origin(3, 5_000_000_000L),
                "fraud",
                new VersionAnswer(
                        new ModelVersion("v1"),
                        new RowResult.Scored(0.25, "ok", Map.of("ok", 0.75, "odd", 0.2, "bad", 0.05), null),
                        1200,
                        64),
                List.of(new ForkTarget(new ModelVersion("v1"), new ModelVersion("v2"), 7)),
                1_700_000_000_000L,
                request());
        ForkedRequest back = throughBytes(topics.shadowRequests(), forked);
        assertThat(back.origin()).isEqualTo(forked.origin());
        assertThat(back.model()).isEqualTo("fraud");
        assertThat(back.served()).isEqualTo(forked.served());
        assertThat(back.targets()).isEqualTo(forked.targets());
        assertThat(plain(back.request())).isEqualTo(plain(request()));
    }

    @Test
    void a_declared_stage_comes_back_as_it_was() {
        DeclaredStage stage = new DeclaredStage(
                new ModelPair("fraud", new ModelVersion("v1"), new ModelVersion("v2")),
                4,
                5,
                Instant.parse("2026-11-22T10:15:30.123Z"),
                Duration.ofHours(6),
                Map.of("flips", 0.02),
                References.none()
                        .withTailNanos(1_000_000)
                        .withDeciles(List.of(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9))
                        .withBounds(OptionalDouble.of(64), OptionalDouble.of(500)),
                3);
        assertThat(throughBytes(topics.rolloutStages(), stage)).isEqualTo(stage);
    }

    @Test
    void a_generated_record_comes_back_as_it_was() {
        Outcome outcome = Outcome.newBuilder()
                .setRequestId("r1")
                .setEntityId("e1")
                .setLabel("1")
                .setObservedAt(1)
                .build();
        assertThat(throughBytes(topics.outcomes(), outcome)).isEqualTo(outcome);
    }

    @Test
    void a_deletion_passes_as_null() {
        assertThat(topics.rolloutStages().valueSerde().serializer().serialize("t", null))
                .isNull();
        assertThat(topics.rolloutStages().valueSerde().deserializer().deserialize("t", null))
                .isNull();
    }

    private static Request request() {
        return new Request(
                "r1",
                "e1",
                Map.of("region", "eu"),
                1_700_000_000_000L,
                new FeatureMap(Map.of(
                        "age",
                        new FeatureValue.Whole(41),
                        "country",
                        new FeatureValue.Text("de"),
                        "none",
                        new FeatureValue.Missing())));
    }

    private static Request plain(Request request) {
        return new Request(
                request.requestId(),
                request.entityId(),
                request.attributes(),
                request.createdAtMillis(),
                FeatureMap.copyOf(request.features()));
    }

    private static <V> V throughBytes(Topic<String, V> topic, V value) {
        byte[] bytes = topic.valueSerde().serializer().serialize(topic.name(), value);
        return topic.valueSerde().deserializer().deserialize(topic.name(), bytes);
    }
}
