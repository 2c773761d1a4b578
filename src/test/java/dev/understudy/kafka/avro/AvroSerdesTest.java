package dev.understudy.kafka.avro;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.understudy.avro.Comparison;
import dev.understudy.avro.ComparisonStatus;
import dev.understudy.avro.ModelResult;
import dev.understudy.avro.Origin;
import dev.understudy.avro.Outcome;
import dev.understudy.avro.RolloutStage;
import dev.understudy.domain.DeclaredStage;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AvroSerdesTest {
    private final StubRegistry stub = new StubRegistry();
    private final InMemoryRegistry registry = new InMemoryRegistry();
    private final AvroSerdes serdes = new AvroSerdes(registry);

    @AfterEach
    void close() {
        stub.close();
    }

    @Test
    void a_record_is_registered_under_its_topic_without_what_the_generator_adds() {
        stub.answers(200, "{\"id\":9}");
        Serde<Outcome> serde =
                AvroSerdes.configured(Map.of("schema.registry.url", stub.url())).of(Outcome.class);

        byte[] bytes = serde.serializer().serialize("outcomes", outcome());

        assertThat(Arrays.copyOf(bytes, 5)).containsExactly(0, 0, 0, 0, 9);
        assertThat(stub.lines()).containsExactly("POST /subjects/outcomes-value/versions");
        assertThat(stub.asked().get(0).body()).doesNotContain("avro.java.string");
    }

    @Test
    void a_record_is_only_looked_up_where_registration_is_off() {
        stub.answers(200, "{\"id\":9}");
        Serde<Outcome> serde = AvroSerdes.configured(
                        Map.of("schema.registry.url", List.of(stub.url()), "auto.register.schemas", false))
                .of(Outcome.class);

        serde.serializer().serialize("outcomes", outcome());

        assertThat(stub.lines()).containsExactly("POST /subjects/outcomes-value");
    }

    @Test
    void the_subject_follows_the_configured_strategy() {
        stub.answers(200, "{\"id\":9}");
        String record = "io.confluent.kafka.serializers.subject.RecordNameStrategy";
        String both = "io.confluent.kafka.serializers.subject.TopicRecordNameStrategy";

        configured(Map.of("value.subject.name.strategy", record)).serialize("outcomes", outcome());
        configured(Map.of("value.subject.name.strategy", both)).serialize("outcomes", outcome());

        assertThat(stub.lines())
                .containsExactly(
                        "POST /subjects/dev.understudy.avro.Outcome/versions",
                        "POST /subjects/outcomes-dev.understudy.avro.Outcome/versions");
        assertThatThrownBy(() -> configured(Map.of("value.subject.name.strategy", "com.acme.MyStrategy")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContainingAll("value.subject.name.strategy", "com.acme.MyStrategy", "TopicNameStrategy");
    }

    @Test
    void the_latest_version_is_used_where_it_has_the_same_layout() {
        stub.answers(
                200,
                json(12, PlainSchema.of(Outcome.getClassSchema()).toString().replace("The true class", "True class")));

        byte[] bytes = configured(Map.of("use.latest.version", "true")).serialize("outcomes", outcome());

        assertThat(Arrays.copyOf(bytes, 5)).containsExactly(0, 0, 0, 0, 12);
        assertThat(stub.lines()).containsExactly("GET /subjects/outcomes-value/versions/latest");
    }

    @Test
    void the_latest_version_is_refused_where_its_layout_could_swap_fields() {
        String swapped = PlainSchema.of(Outcome.getClassSchema())
                .toString()
                .replace("\"name\":\"requestId\"", "\"name\":\"x\"")
                .replace("\"name\":\"entityId\"", "\"name\":\"requestId\"")
                .replace("\"name\":\"x\"", "\"name\":\"entityId\"");
        stub.answers(200, json(12, swapped));

        assertThatThrownBy(
                        () -> configured(Map.of("use.latest.version", "true")).serialize("outcomes", outcome()))
                .isInstanceOf(RegistryRefusedException.class)
                .hasMessageContainingAll("outcomes-value", "id 12", "another layout", "use.latest.version=false");
    }

    @Test
    void the_latest_version_and_registration_exclude_each_other() {
        assertThatThrownBy(() -> configured(Map.of("use.latest.version", "true", "auto.register.schemas", "true")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContainingAll("use.latest.version", "auto.register.schemas=false");
    }

    @Test
    void a_serializer_without_configuration_says_what_it_needs() {
        assertThatThrownBy(() -> new AvroSerializer<Outcome>().serialize("outcomes", outcome()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("schema.registry.url");
        assertThatThrownBy(() -> new AvroDeserializer<Outcome>().deserialize("outcomes", new byte[9]))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("schema.registry.url");
    }

    @Test
    void a_deserializer_chosen_by_class_name_gives_generic_records_unless_told_otherwise() throws Exception {
        stub.answers(200, json(3, PlainSchema.of(Outcome.getClassSchema()).toString()));
        byte[] bytes = HotRecordSamples.framed(3, body(outcome()));

        assertThat(byName(Map.of()).deserialize("outcomes", bytes)).isInstanceOf(GenericData.Record.class);
        assertThat(byName(Map.of("specific.avro.reader", "true")).deserialize("outcomes", bytes))
                .isEqualTo(outcome());
    }

    @Test
    void a_key_has_its_own_subject() {
        stub.answers(200, "{\"id\":9}");
        AvroSerializer<Outcome> serializer = new AvroSerializer<>();
        serializer.configure(Map.of("schema.registry.url", stub.url()), true);

        serializer.serialize("outcomes", outcome());

        assertThat(stub.lines()).containsExactly("POST /subjects/outcomes-key/versions");
    }

    @Test
    void what_is_no_avro_record_is_refused() {
        AvroSerializer<Object> serializer =
                new AvroSerializer<>(new SchemaIds(registry, SerdeSettings.defaults(), false));

        assertThatThrownBy(() -> serializer.serialize("outcomes", "text"))
                .isInstanceOf(SerializationException.class)
                .hasMessageContainingAll("topic outcomes", "java.lang.String");
    }

    @Test
    void a_record_that_fails_leaves_nothing_in_the_next_one() {
        Serializer<Outcome> serializer = serdes.of(Outcome.class).serializer();
        byte[] expected = serializer.serialize("outcomes", outcome());
        Outcome broken = outcome();
        broken.put("entityId", null);

        assertThatThrownBy(() -> serializer.serialize("outcomes", broken))
                .isInstanceOf(SerializationException.class)
                .hasMessageContainingAll("dev.understudy.avro.Outcome", "topic outcomes");

        assertThat(serializer.serialize("outcomes", outcome())).isEqualTo(expected);
    }

    @Test
    void a_generated_record_cut_off_anywhere_is_unreadable() {
        Serde<Comparison> serde = serdes.of(Comparison.class);
        byte[] whole = serde.serializer().serialize("comparisons", comparison());
        assertThat(serde.deserializer().deserialize("comparisons", whole)).isEqualTo(comparison());

        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> serde.deserializer().deserialize("comparisons", cut))
                    .as("%d of %d bytes", length, whole.length)
                    .isInstanceOf(UnreadableRecordException.class)
                    .hasMessageContaining("value of topic comparisons is not a Comparison");
        }
    }

    @Test
    void a_generated_record_with_any_byte_changed_is_read_or_unreadable() {
        Serde<Comparison> serde = serdes.of(Comparison.class);
        byte[] whole = serde.serializer().serialize("comparisons", comparison());
        int unreadable = 0;
        for (int position = WireFormat.PREFIX; position < whole.length; position++) {
            for (int value = 0; value < 256; value++) {
                byte[] changed = whole.clone();
                changed[position] = (byte) value;
                try {
                    assertThat(serde.deserializer().deserialize("comparisons", changed))
                            .isNotNull();
                } catch (UnreadableRecordException e) {
                    unreadable++;
                }
            }
        }
        assertThat(unreadable).isGreaterThan(whole.length * 50);
    }

    @Test
    void an_announced_vector_that_the_bytes_cannot_hold_is_refused() {
        byte[] whole = serdes.of(Comparison.class).serializer().serialize("comparisons", comparison());
        // The vector [1.0, 2.0]: 2 items, then 1.0.
        String hex = HexFormat.of().formatHex(whole).replaceFirst("04000000000000f03f", "feffffff07000000000000f03f");

        assertThatThrownBy(() -> serdes.of(Comparison.class)
                        .deserializer()
                        .deserialize("comparisons", HexFormat.of().parseHex(hex)))
                .isInstanceOf(UnreadableRecordException.class)
                .hasMessageContainingAll("vector has", "items", "cannot hold");
    }

    @Test
    void bytes_of_another_format_are_unreadable_and_say_so() {
        Deserializer<Outcome> deserializer = serdes.of(Outcome.class).deserializer();

        assertThatThrownBy(() ->
                        deserializer.deserialize("outcomes", "{\"requestId\":1}".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(UnreadableRecordException.class)
                .hasMessageContainingAll("first byte is 123", "expected 0", "Confluent's wire format");
        assertThatThrownBy(() -> deserializer.deserialize("outcomes", new byte[3]))
                .isInstanceOf(UnreadableRecordException.class)
                .hasMessageContaining("3 bytes");
        assertThatThrownBy(() -> deserializer.deserialize("outcomes", new byte[] {0, 0, 0, 1, 0, 0}))
                .isInstanceOf(UnreadableRecordException.class)
                .hasMessageContaining("id 256");
    }

    @Test
    void a_record_of_a_newer_schema_is_read_without_what_is_new() {
        Schema newer = PlainSchema.parse(PlainSchema.of(Outcome.getClassSchema())
                .toString()
                .replace("\"fields\":[", "\"fields\":[{\"name\":\"source\",\"type\":\"string\",\"default\":\"\"},"));
        GenericRecord record = new GenericData.Record(newer);
        record.put("source", "chargebacks");
        record.put("requestId", "r");
        record.put("entityId", "e");
        record.put("label", "1");
        record.put("observedAt", 5L);
        byte[] bytes = new AvroSerializer<GenericRecord>(new SchemaIds(registry, SerdeSettings.defaults(), false))
                .serialize("outcomes", record);

        assertThat(serdes.of(Outcome.class).deserializer().deserialize("outcomes", bytes))
                .isEqualTo(outcome());
    }

    @Test
    void a_stage_that_no_stage_can_be_is_unreadable() {
        RolloutStage stage = RolloutStage.newBuilder()
                .setModel("m")
                .setProductionVersion("v1")
                .setCandidateVersion("v2")
                .setEpoch(1)
                .setPercent(101)
                .setSince(Instant.EPOCH)
                .setHoldSeconds(1)
                .setMargins(Map.of())
                .build();
        byte[] bytes = serdes.of(RolloutStage.class).serializer().serialize("rollout-stages", stage);
        Deserializer<DeclaredStage> deserializer = serdes.declaredStages().deserializer();

        assertThatThrownBy(() -> deserializer.deserialize("rollout-stages", bytes))
                .isInstanceOf(UnreadableRecordException.class)
                .hasMessageContainingAll("topic rollout-stages", "percent must be 0 to 100, was 101");
    }

    @Test
    void an_unreachable_registry_is_not_the_records_fault() {
        stub.answers(503, "");
        Deserializer<Outcome> deserializer = AvroSerdes.configured(
                        Map.of("schema.registry.url", stub.url(), "max.retries", 0))
                .of(Outcome.class)
                .deserializer();

        assertThatThrownBy(() -> deserializer.deserialize("outcomes", new byte[] {0, 0, 0, 0, 1, 0}))
                .isInstanceOf(RegistryUnavailableException.class)
                .hasMessageContainingAll("schema registry unreachable", "id 1", stub.url());
    }

    @Test
    void other_classes_for_the_same_format_are_chosen_by_name_for_generated_records() {
        AvroSerdes configured = AvroSerdes.configured(Map.of(
                "schema.registry.url",
                stub.url(),
                "value.serializer",
                LabelSerializer.class.getName(),
                "value.deserializer",
                LabelDeserializer.class.getName()));
        Serde<Outcome> serde = configured.of(Outcome.class);

        byte[] bytes = serde.serializer().serialize("outcomes", outcome());

        assertThat(bytes).isEqualTo(new byte[] {'1', 't'});
        assertThat(Objects.requireNonNull(serde.deserializer().deserialize("outcomes", bytes))
                        .getLabel())
                .contains("1");
        assertThatThrownBy(() -> configured.of(Comparison.class).deserializer().deserialize("comparisons", bytes))
                .isInstanceOf(UnreadableRecordException.class)
                .hasMessageContainingAll("dev.understudy.avro.Outcome", "expected a dev.understudy.avro.Comparison");
    }

    @Test
    void our_own_classes_named_by_hand_are_the_default() {
        stub.answers(200, "{\"id\":9}");
        Serde<Outcome> serde = AvroSerdes.configured(Map.of(
                        "schema.registry.url",
                        stub.url(),
                        "value.serializer",
                        AvroSerializer.class,
                        "value.deserializer",
                        AvroDeserializer.class.getName()))
                .of(Outcome.class);

        byte[] bytes = serde.serializer().serialize("outcomes", outcome());

        assertThat(serde.deserializer().deserialize("outcomes", bytes)).isEqualTo(outcome());
    }

    @Test
    void a_class_that_is_not_there_or_is_none_is_refused_at_the_start() {
        assertThatThrownBy(
                        () -> configured(Map.of("value.serializer", "io.confluent.kafka.serializers.NoSuchSerializer")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContainingAll("value.serializer", "NoSuchSerializer", "profile 'confluent'");
        assertThatThrownBy(() -> configured(Map.of("value.deserializer", "java.lang.String")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContainingAll("value.deserializer", "java.lang.String", "Deserializer");
    }

    /** Writes the label, and {@code t} where it was configured for generated classes. */
    public static final class LabelSerializer implements Serializer<Object> {
        private boolean specific;

        @Override
        public void configure(Map<String, ?> configs, boolean isKey) {
            specific = Boolean.TRUE.equals(configs.get("specific.avro.reader"));
        }

        @Override
        public byte @Nullable [] serialize(String topic, @Nullable Object data) {
            return data instanceof Outcome outcome
                    ? (outcome.getLabel().orElse("") + (specific ? "t" : "f")).getBytes(StandardCharsets.UTF_8)
                    : null;
        }
    }

    /** Reads everything as an outcome. */
    public static final class LabelDeserializer implements Deserializer<Object> {
        @Override
        public Object deserialize(String topic, byte[] data) {
            return outcome();
        }
    }

    private Serializer<Outcome> configured(Map<String, ?> further) {
        Map<String, Object> configuration = new HashMap<>(further);
        configuration.put("schema.registry.url", stub.url());
        return AvroSerdes.configured(configuration).of(Outcome.class).serializer();
    }

    private Deserializer<?> byName(Map<String, ?> further) throws ReflectiveOperationException {
        Deserializer<?> deserializer = Class.forName("dev.understudy.kafka.avro.AvroDeserializer")
                .asSubclass(Deserializer.class)
                .getConstructor()
                .newInstance();
        Map<String, Object> configuration = new HashMap<>(further);
        configuration.put("schema.registry.url", stub.url());
        deserializer.configure(configuration, false);
        return deserializer;
    }

    private byte[] body(Outcome outcome) {
        byte[] framed =
                Objects.requireNonNull(serdes.of(Outcome.class).serializer().serialize("outcomes", outcome));
        return Arrays.copyOfRange(framed, WireFormat.PREFIX, framed.length);
    }

    private static String json(int id, String schema) {
        return new ObjectMapper()
                .createObjectNode()
                .put("id", id)
                .put("schema", schema)
                .toString();
    }

    private static Outcome outcome() {
        return Outcome.newBuilder()
                .setRequestId("r")
                .setEntityId("e")
                .setLabel("1")
                .setObservedAt(5)
                .build();
    }

    private static Comparison comparison() {
        return Comparison.newBuilder()
                .setRequestId("r-1")
                .setEntityId("e-1")
                .setOrigin(new Origin(1, 2L))
                .setModel("fraud")
                .setProductionVersion("v1")
                .setCandidateVersion("v2")
                .setServedVersion("v1")
                .setAttributes(Map.of("region", "eu"))
                .setStatus(ComparisonStatus.COMPARED)
                .setProduction(ModelResult.newBuilder()
                        .setModelVersion("v1")
                        .setScore(0.25)
                        .setVector(List.of(1.0, 2.0))
                        .setProbabilities(Map.of("a", 0.5))
                        .build())
                .setCandidate(ModelResult.newBuilder()
                        .setModelVersion("v2")
                        .setErrorCode("MODEL_FAILED")
                        .build())
                .build();
    }
}
