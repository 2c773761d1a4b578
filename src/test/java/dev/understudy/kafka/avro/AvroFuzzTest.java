package dev.understudy.kafka.avro;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.avro.Disagreement;
import dev.understudy.avro.Outcome;
import dev.understudy.avro.ReadinessSummary;
import dev.understudy.avro.WindowSummary;
import dev.understudy.domain.DeclaredStage;
import dev.understudy.domain.FeatureMap;
import dev.understudy.domain.ForkedRequest;
import dev.understudy.domain.ModelPair;
import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.References;
import dev.understudy.domain.Request;
import dev.understudy.fuzz.Fuzz;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.util.RandomData;
import org.apache.kafka.common.serialization.Serde;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Damaged records of every topic that we read, written with the current schema and with released ones. */
final class AvroFuzzTest {
    private static final int GOOD = 20;

    private static final DeclaredStage STAGE = new DeclaredStage(
            new ModelPair("fraud", new ModelVersion("v1"), new ModelVersion("v2")),
            3,
            5,
            Instant.EPOCH,
            Duration.ofHours(24),
            Map.of("errors", 0.002),
            new References(OptionalLong.of(1_000_000), 0.1, List.of(), OptionalDouble.of(2), OptionalDouble.empty()),
            1);

    private final InMemoryRegistry registry = new InMemoryRegistry();
    private final AvroSerdes serdes = new AvroSerdes(registry);
    private final Map<String, Serde<?>> byRecord = Map.of(
            "PredictionRequest", serdes.requests(),
            "ShadowRequest", serdes.forkedRequests(),
            "Prediction", serdes.predictions(),
            "Comparison", serdes.comparisons(),
            "Outcome", serdes.of(Outcome.class),
            "RolloutStage", serdes.declaredStages(),
            "WindowSummary", serdes.of(WindowSummary.class),
            "ReadinessSummary", serdes.of(ReadinessSummary.class),
            "Disagreement", serdes.of(Disagreement.class));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PredictionRequest",
                "ShadowRequest",
                "Prediction",
                "Comparison",
                "Outcome",
                "RolloutStage",
                "WindowSummary",
                "ReadinessSummary",
                "Disagreement"
            })
    void damaged_bytes_are_a_record_or_unreadable(String name) throws Exception {
        List<byte[]> good = new ArrayList<>(
                written(Objects.requireNonNull(SchemaHistory.current().get(name))));
        for (Map<String, Schema> release : SchemaHistory.released().values()) {
            good.addAll(written(Objects.requireNonNull(release.get(name))));
        }
        if (name.equals("RolloutStage")) { // whose random values no stage can have
            good.addAll(Collections.nCopies(
                    10 * GOOD, serdes.declaredStages().serializer().serialize("topic", STAGE)));
        }
        Serde<?> serde = Objects.requireNonNull(byRecord.get(name));
        Fuzz.of("Avro " + name, good, List.of("\0", "\1", "\2", "NaN"), Set.of(UnreadableRecordException.class))
                .run(bytes -> use(serde.deserializer().deserialize("topic", bytes)));
    }

    private List<byte[]> written(Schema schema) {
        int id = registry.register("any", schema);
        List<byte[]> records = new ArrayList<>();
        for (Object any : new RandomData(schema, GOOD, (long) id)) {
            GenericRecord record = (GenericRecord) any;
            records.add(HotRecordSamples.framed(id, HotRecordSamples.written(record)));
            records.add(HotRecordSamples.framed(id, HotRecordSamples.writtenInBlocks(record)));
        }
        return records;
    }

    /** What was read can be looked at: of a request, the features are decoded only then. */
    private static void use(Object value) {
        if (value instanceof Request request) {
            FeatureMap.copyOf(request.features());
        } else if (value instanceof ForkedRequest forked) {
            FeatureMap.copyOf(forked.request().features());
        } else if (value instanceof DeclaredStage stage) {
            assertThat(stage.since().plus(stage.hold())).isAfterOrEqualTo(stage.since());
        }
        assertThat(value).hasToString(value.toString());
    }
}
