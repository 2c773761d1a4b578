package dev.understudy.kafka.avro;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Builders;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Records that are read and written by hand are what Avro reads from the same bytes, and the bytes that it writes. */
class EvaluatedRecordsTest {
    private static final String COMPARISONS = "comparisons";
    private static final String PREDICTIONS = "predictions";

    private final InMemoryRegistry registry = new InMemoryRegistry();
    private final AvroSerdes serdes = new AvroSerdes(registry);
    private final Serde<Comparison> comparisons = serdes.comparisons();
    private final Serde<Prediction> predictions = serdes.predictions();

    @Provide
    Arbitrary<Comparison> anyComparison() {
        return Builders.withBuilder(Comparison::newBuilder)
                .use(HotRecordSamples.texts())
                .in(Comparison.Builder::setRequestId)
                .use(HotRecordSamples.texts())
                .in(Comparison.Builder::setEntityId)
                .use(origins())
                .in(Comparison.Builder::setOrigin)
                .use(HotRecordSamples.texts())
                .in(Comparison.Builder::setModel)
                .use(HotRecordSamples.texts())
                .in(Comparison.Builder::setProductionVersion)
                .use(HotRecordSamples.texts())
                .in(Comparison.Builder::setCandidateVersion)
                .use(HotRecordSamples.texts())
                .in(Comparison.Builder::setServedVersion)
                .use(Arbitraries.longs())
                .in(Comparison.Builder::setEpoch)
                .use(textsByName())
                .in(Comparison.Builder::setAttributes)
                .use(Arbitraries.of(ModelTask.class).injectNull(0.2))
                .in(Comparison.Builder::setTask)
                .use(Arbitraries.of(ComparisonStatus.class))
                .in(Comparison.Builder::setStatus)
                .use(results())
                .in(Comparison.Builder::setProduction)
                .use(results().injectNull(0.3))
                .in(Comparison.Builder::setCandidate)
                .use(HotRecordSamples.texts().list().ofMaxSize(4))
                .in(Comparison.Builder::setClasses)
                .use(HotRecordSamples.texts().injectNull(0.7))
                .in(Comparison.Builder::setMismatch)
                .use(likeForLike().injectNull(0.6))
                .in(Comparison.Builder::setLikeForLike)
                .use(textsByName())
                .in(Comparison.Builder::setFeatures)
                .build(Comparison.Builder::build);
    }

    @Provide
    Arbitrary<Prediction> anyPrediction() {
        return Builders.withBuilder(Prediction::newBuilder)
                .use(HotRecordSamples.texts())
                .in(Prediction.Builder::setRequestId)
                .use(HotRecordSamples.texts())
                .in(Prediction.Builder::setEntityId)
                .use(origins())
                .in(Prediction.Builder::setOrigin)
                .use(HotRecordSamples.texts())
                .in(Prediction.Builder::setModel)
                .use(HotRecordSamples.texts().injectNull(0.2))
                .in(Prediction.Builder::setModelVersion)
                .use(Arbitraries.of(PredictionStatus.class))
                .in(Prediction.Builder::setStatus)
                .use(HotRecordSamples.doubles().injectNull(0.2))
                .in(Prediction.Builder::setScore)
                .use(HotRecordSamples.texts().injectNull(0.2))
                .in(Prediction.Builder::setLabel)
                .use(probabilities().injectNull(0.5))
                .in(Prediction.Builder::setProbabilities)
                .use(vectors().injectNull(0.5))
                .in(Prediction.Builder::setVector)
                .use(HotRecordSamples.texts().injectNull(0.5))
                .in(Prediction.Builder::setErrorCode)
                .use(HotRecordSamples.texts().injectNull(0.5))
                .in(Prediction.Builder::setErrorMessage)
                .use(decisions())
                .in(Prediction.Builder::setDecision)
                .use(Arbitraries.longs())
                .in(Prediction.Builder::setEpoch)
                .use(Arbitraries.longs())
                .in(Prediction.Builder::setQueueNanos)
                .use(Arbitraries.longs())
                .in(Prediction.Builder::setBatchNanos)
                .use(Arbitraries.integers())
                .in(Prediction.Builder::setBatchRows)
                .use(Arbitraries.longs())
                .in(Prediction.Builder::setScoredAt)
                .use(targets().list().ofMaxSize(3))
                .in(Prediction.Builder::setShadowTargets)
                .use(Arbitraries.longs().injectNull(0.5))
                .in(Prediction.Builder::setFlagsStaleSince)
                .build(Prediction.Builder::build);
    }

    private static Arbitrary<Origin> origins() {
        return Combinators.combine(Arbitraries.integers(), Arbitraries.longs()).as(Origin::new);
    }

    private static Arbitrary<Map<String, String>> textsByName() {
        return Arbitraries.maps(HotRecordSamples.texts(), HotRecordSamples.texts())
                .ofMaxSize(3);
    }

    private static Arbitrary<Map<String, Double>> probabilities() {
        return Arbitraries.maps(HotRecordSamples.texts(), HotRecordSamples.doubles())
                .ofMaxSize(4);
    }

    private static Arbitrary<List<Double>> vectors() {
        return HotRecordSamples.doubles().list().ofMaxSize(4);
    }

    private static Arbitrary<RoutingDecision> decisions() {
        return Combinators.combine(
                        HotRecordSamples.texts(),
                        HotRecordSamples.texts().injectNull(0.2),
                        Arbitraries.of(RoutingReason.class))
                .as(RoutingDecision::new);
    }

    private static Arbitrary<ShadowTarget> targets() {
        return Combinators.combine(HotRecordSamples.texts(), HotRecordSamples.texts(), Arbitraries.longs())
                .as(ShadowTarget::new);
    }

    private static Arbitrary<LikeForLike> likeForLike() {
        return Combinators.combine(
                        Arbitraries.integers(),
                        Arbitraries.longs(),
                        Arbitraries.longs(),
                        Arbitraries.longs(),
                        Arbitraries.of(true, false),
                        Arbitraries.of(true, false))
                .as(LikeForLike::new);
    }

    private static Arbitrary<ModelResult> results() {
        return Builders.withBuilder(ModelResult::newBuilder)
                .use(HotRecordSamples.texts())
                .in(ModelResult.Builder::setModelVersion)
                .use(HotRecordSamples.doubles().injectNull(0.2))
                .in(ModelResult.Builder::setScore)
                .use(HotRecordSamples.texts().injectNull(0.2))
                .in(ModelResult.Builder::setLabel)
                .use(probabilities().injectNull(0.5))
                .in(ModelResult.Builder::setProbabilities)
                .use(vectors().injectNull(0.5))
                .in(ModelResult.Builder::setVector)
                .use(HotRecordSamples.texts().injectNull(0.5))
                .in(ModelResult.Builder::setErrorCode)
                .use(HotRecordSamples.texts().injectNull(0.5))
                .in(ModelResult.Builder::setErrorMessage)
                .use(Arbitraries.longs())
                .in(ModelResult.Builder::setBatchNanos)
                .use(Arbitraries.integers())
                .in(ModelResult.Builder::setBatchRows)
                .build(ModelResult.Builder::build);
    }

    @Property(tries = 200)
    void a_comparison_is_read_and_written_as_by_avro(@ForAll("anyComparison") Comparison comparison) {
        assertReadAndWrittenAsByAvro(COMPARISONS, comparisons, serdes.of(Comparison.class), comparison);
    }

    @Property(tries = 200)
    void a_prediction_is_read_and_written_as_by_avro(@ForAll("anyPrediction") Prediction prediction) {
        assertReadAndWrittenAsByAvro(PREDICTIONS, predictions, serdes.of(Prediction.class), prediction);
    }

    private <T extends SpecificRecord> void assertReadAndWrittenAsByAvro(
            String topic, Serde<T> own, Serde<T> avro, T record) {
        byte[] plain = avro.serializer().serialize(topic, record);
        byte[] blocks = inBlocks(plain, record.getSchema());

        assertThat(own.serializer().serialize(topic, record)).isEqualTo(plain);
        assertThat(own.deserializer().deserialize(topic, plain))
                .isEqualTo(record)
                .isEqualTo(avro.deserializer().deserialize(topic, plain));
        assertThat(own.deserializer().deserialize(topic, blocks)).isEqualTo(record);
    }

    /** The same record as other writers may write it. */
    private static byte[] inBlocks(byte[] framed, Schema schema) {
        int id = WireFormat.schemaId(framed, null, false);
        Schema plain = PlainSchema.of(schema);
        try {
            GenericRecord record = new GenericDatumReader<GenericRecord>(plain, plain, GenericData.get())
                    .read(
                            null,
                            DecoderFactory.get()
                                    .binaryDecoder(framed, WireFormat.PREFIX, framed.length - WireFormat.PREFIX, null));
            return HotRecordSamples.framed(id, HotRecordSamples.writtenInBlocks(record));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ModelResult result(String version, @Nullable Double score) {
        return ModelResult.newBuilder()
                .setModelVersion(version)
                .setScore(score)
                .setLabel("fraud")
                .setProbabilities(Map.of("fraud", 0.5))
                .setVector(List.of(1.0))
                .build();
    }

    private static Comparison comparison() {
        return Comparison.newBuilder()
                .setRequestId("r-1")
                .setEntityId("e-1")
                .setOrigin(new Origin(2, 1000L))
                .setModel("fraud")
                .setProductionVersion("v1")
                .setCandidateVersion("v2")
                .setServedVersion("v1")
                .setAttributes(Map.of("region", "eu"))
                .setTask(ModelTask.BINARY)
                .setStatus(ComparisonStatus.COMPARED)
                .setProduction(result("v1", 0.25))
                .setCandidate(result("v2", 0.75))
                .setClasses(List.of("fine", "fraud"))
                .setLikeForLike(new LikeForLike(8, 1000L, 1100L, 1200L, false, true))
                .build();
    }

    private static Prediction prediction() {
        return Prediction.newBuilder()
                .setRequestId("r-1")
                .setEntityId("e-1")
                .setOrigin(new Origin(2, 1000L))
                .setModel("fraud")
                .setModelVersion("v1")
                .setStatus(PredictionStatus.SCORED)
                .setScore(0.25)
                .setDecision(new RoutingDecision("ml-model-version", "v1", RoutingReason.DEFAULT))
                .setScoredAt(1_700_000_000_000L)
                .setShadowTargets(List.of(new ShadowTarget("v1", "v2", 3L)))
                .build();
    }

    @Test
    void a_record_without_a_required_field_is_refused_and_the_next_one_is_whole() {
        Prediction incomplete = new Prediction();
        byte[] whole = predictions.serializer().serialize(PREDICTIONS, prediction());

        assertThatThrownBy(() -> predictions.serializer().serialize(PREDICTIONS, incomplete))
                .isInstanceOf(SerializationException.class)
                .hasMessageContaining("a dev.understudy.avro.Prediction for topic predictions does not fit its schema");
        assertThat(predictions.serializer().serialize(PREDICTIONS, prediction()))
                .isEqualTo(whole);
    }

    @Test
    void a_record_cut_off_anywhere_is_unreadable() {
        assertUnreadableWhenCut(COMPARISONS, comparisons, comparison());
        assertUnreadableWhenCut(PREDICTIONS, predictions, prediction());
    }

    private static <T> void assertUnreadableWhenCut(String topic, Serde<T> serde, T record) {
        byte[] whole = serde.serializer().serialize(topic, record);
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> serde.deserializer().deserialize(topic, cut))
                    .as("%d of %d bytes of %s", length, whole.length, topic)
                    .isInstanceOf(UnreadableRecordException.class)
                    .hasMessageContaining("topic " + topic);
        }
    }

    @Test
    void any_byte_changed_gives_a_record_or_an_unreadable_one() {
        assertReadableOrNot(COMPARISONS, comparisons, comparison());
        assertReadableOrNot(PREDICTIONS, predictions, prediction());
    }

    private static <T> void assertReadableOrNot(String topic, Serde<T> serde, T record) {
        byte[] whole = serde.serializer().serialize(topic, record);
        int unreadable = 0;
        for (int position = WireFormat.PREFIX; position < whole.length; position++) {
            for (int value = 0; value < 256; value++) {
                byte[] changed = whole.clone();
                changed[position] = (byte) value;
                try {
                    assertThat(serde.deserializer().deserialize(topic, changed)).isNotNull();
                } catch (UnreadableRecordException e) {
                    unreadable++;
                }
            }
        }
        assertThat(unreadable).as(topic).isGreaterThan(whole.length * 50);
    }

    @Test
    void a_prediction_of_another_version_of_the_schema_is_resolved() {
        Schema older = PlainSchema.parse(PlainSchema.of(Prediction.getClassSchema())
                .toString()
                .replace("\"name\":\"queueNanos\",\"type\":\"long\"", "\"name\":\"queueNanos\",\"type\":\"int\"")
                .replace("[\"TARGET\",\"RULE\",", "[\"WHIM\",\"RULE\",\"TARGET\","));
        int id = registry.register("older", older);
        byte[] framed = predictions.serializer().serialize(PREDICTIONS, prediction());
        // Both write the number 0 alike; the place of DEFAULT was that of ROLLOUT.
        byte[] old = HotRecordSamples.framed(id, Arrays.copyOfRange(framed, WireFormat.PREFIX, framed.length));

        Prediction read = predictions.deserializer().deserialize(PREDICTIONS, old);

        assertThat(read)
                .isEqualTo(Prediction.newBuilder(prediction())
                        .setDecision(new RoutingDecision("ml-model-version", "v1", RoutingReason.ROLLOUT))
                        .build());
    }

    @Test
    void texts_that_come_again_are_the_same_string() {
        byte[] bytes = comparisons.serializer().serialize(COMPARISONS, comparison());

        Comparison first = comparisons.deserializer().deserialize(COMPARISONS, bytes);
        Comparison second = comparisons.deserializer().deserialize(COMPARISONS, bytes.clone());

        assertThat(second.getModel()).isSameAs(first.getModel());
        assertThat(second.getClasses().get(1)).isSameAs(first.getClasses().get(1));
        assertThat(second.getProduction().getLabel().orElseThrow())
                .isSameAs(first.getProduction().getLabel().orElseThrow())
                .isSameAs(first.getClasses().get(1));
    }
}
