package dev.understudy.kafka.avro;

import dev.understudy.avro.Comparison;
import dev.understudy.avro.Prediction;
import dev.understudy.avro.RolloutStage;
import dev.understudy.domain.DeclaredStage;
import dev.understudy.domain.ForkedRequest;
import dev.understudy.domain.Request;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/**
 * Gives the serdes of the values in topics, all over one registry. Every serde is safe to use from several threads.
 *
 * <p>Topics of requests are always read and written by our own code, whose features stay encoded. For the others the
 * configuration may name another pair of classes for the same wire format, such as Confluent's own.
 */
public final class AvroSerdes implements AutoCloseable {
    private final SchemaRegistry registry;
    private final SerdeSettings settings;
    private final NamedSerdes named;

    /** Serdes over that registry that register what it does not know; {@link #close} closes it. */
    public AvroSerdes(SchemaRegistry registry) {
        this(registry, SerdeSettings.defaults(), NamedSerdes.none());
    }

    private AvroSerdes(SchemaRegistry registry, SerdeSettings settings, NamedSerdes named) {
        this.registry = registry;
        this.settings = settings;
        this.named = named;
    }

    /**
     * Serdes by Confluent's configuration keys: {@code schema.registry.url}, {@code auto.register.schemas} and so on.
     * {@code value.serializer} and {@code value.deserializer} may name other classes for generated records, such as
     * {@code io.confluent.kafka.serializers.KafkaAvroSerializer}; they are configured with the same keys. Nothing is
     * asked of the registry yet.
     *
     * @throws org.apache.kafka.common.config.ConfigException if a value is wrong; the message names the key
     */
    public static AvroSerdes configured(Map<String, ?> configuration) {
        return new AvroSerdes(
                new HttpRegistry(configuration), SerdeSettings.parse(configuration), NamedSerdes.parse(configuration));
    }

    /**
     * How the schema of the topic's values stands in the registry. Nothing is registered.
     *
     * @throws RegistryException if the registry cannot be reached, or refuses to be asked
     */
    public <T extends SpecificRecord> SchemaFinding look(String topic, Class<T> type) {
        return new SchemaLook(registry, settings).of(topic, SpecificData.get().getSchema(type));
    }

    /** The serde of a generated record. */
    public <T extends SpecificRecord> Serde<T> of(Class<T> type) {
        return of(
                type,
                () -> new AvroSerializer<>(ids()),
                () -> new AvroDeserializer<>(
                        registry, settings, false, SpecificData.get().getSchema(type)));
    }

    /** {@code Prediction}, by hand: there is one for each request. */
    public Serde<Prediction> predictions() {
        return of(Prediction.class, new PredictionFormat());
    }

    /** {@code Comparison}, by hand: there is one for each request and candidate. */
    public Serde<Comparison> comparisons() {
        return of(Comparison.class, new ComparisonFormat());
    }

    private <T> Serde<T> of(Class<T> type, RecordFormat<T> format) {
        return of(type, () -> new FormatSerializer<>(format, ids()), () -> new FormatDeserializer<>(format, registry));
    }

    private <T> Serde<T> of(Class<T> type, Supplier<Serializer<T>> writer, Supplier<Deserializer<T>> reader) {
        return Serdes.serdeFrom(
                named.serializer(type).orElseGet(writer),
                named.deserializer(type).orElseGet(reader));
    }

    /** {@code PredictionRequest}: features stay encoded until they are visited. */
    public Serde<Request> requests() {
        return serde(new RequestFormat());
    }

    /** {@code ShadowRequest}: features are copied as bytes where they came encoded. */
    public Serde<ForkedRequest> forkedRequests() {
        return serde(new ForkedRequestFormat());
    }

    /** {@code RolloutStage}. */
    public Serde<DeclaredStage> declaredStages() {
        Serde<RolloutStage> records = of(RolloutStage.class);
        Serializer<RolloutStage> serializer = records.serializer();
        Deserializer<RolloutStage> deserializer = records.deserializer();
        return Serdes.serdeFrom(
                new Serializer<DeclaredStage>() {
                    @Override
                    public byte @Nullable [] serialize(String topic, @Nullable DeclaredStage stage) {
                        return serializer.serialize(topic, stage == null ? null : DeclaredStages.toAvro(stage));
                    }
                },
                new Deserializer<DeclaredStage>() {
                    @Override
                    public @Nullable DeclaredStage deserialize(String topic, byte @Nullable [] data) {
                        return toDomain(topic, deserializer.deserialize(topic, data));
                    }

                    @Override
                    public @Nullable DeclaredStage deserialize(
                            String topic, @Nullable Headers headers, byte @Nullable [] data) {
                        return toDomain(topic, deserializer.deserialize(topic, headers, data));
                    }

                    private @Nullable DeclaredStage toDomain(String topic, @Nullable RolloutStage record) {
                        return record == null ? null : DeclaredStages.toDomain(topic, record);
                    }
                });
    }

    @Override
    public void close() {
        registry.close();
    }

    private <T> Serde<T> serde(RecordFormat<T> format) {
        return Serdes.serdeFrom(new FormatSerializer<>(format, ids()), new FormatDeserializer<>(format, registry));
    }

    private SchemaIds ids() {
        return new SchemaIds(registry, settings, false);
    }
}
