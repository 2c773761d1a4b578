package dev.understudy.evaluate;

import dev.understudy.avro.Comparison;
import dev.understudy.avro.Disagreement;
import dev.understudy.avro.Origin;
import dev.understudy.avro.Outcome;
import dev.understudy.avro.Prediction;
import dev.understudy.avro.ReadinessSummary;
import dev.understudy.avro.WindowSummary;
import dev.understudy.domain.DeclaredStages;
import dev.understudy.domain.ModelPair;
import dev.understudy.domain.ModelVersion;
import dev.understudy.kafka.Topic;
import dev.understudy.kafka.Topics;
import dev.understudy.kafka.avro.AvroSerdes;
import dev.understudy.kafka.avro.InMemoryRegistry;
import dev.understudy.readiness.ReadinessPolicy;
import dev.understudy.readiness.ReadinessSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyConfig;
import org.apache.kafka.streams.TopologyTestDriver;

/** The stage's topology over one partition, with a clock that the test moves. */
final class EvaluateDriver implements AutoCloseable {
    static final ModelPair V2 = pair("v2");
    static final ModelPair V3 = pair("v3");

    /** The wall-clock when the driver starts; comparisons of the tests are of this time, too. */
    static final Instant START = Instant.parse("2026-11-22T12:00:00Z");

    static final Provenance PROVENANCE =
            Provenance.of(version -> Optional.of("sha256 of " + version), "settings of the test");

    private final EvaluateSettings settings;
    /** Of its own, for RocksDB lets one driver alone into a folder. */
    private final Path directory;

    private final TopologyTestDriver driver;
    private final TestInputTopic<String, Comparison> comparisons;
    private final TestInputTopic<String, Prediction> predictions;
    private final TestInputTopic<String, Outcome> outcomes;
    private final TestOutputTopic<String, WindowSummary> windows;
    private final TestOutputTopic<String, ReadinessSummary> readiness;
    private final TestOutputTopic<String, Disagreement> disagreements;

    final DeclaredStages stages = new DeclaredStages();

    EvaluateDriver(Map<String, List<String>> segments) {
        this(segments, ReadinessSettings.standard());
    }

    EvaluateDriver(Map<String, List<String>> segments, ReadinessSettings readinessSettings) {
        this(EvaluateSettings.defaults(segments), readinessSettings);
    }

    EvaluateDriver(EvaluateSettings evaluateSettings, ReadinessSettings readinessSettings) {
        settings = evaluateSettings;
        Topics topics = topics();
        Properties properties = properties();
        directory = temporaryDirectory();
        properties.put(StreamsConfig.STATE_DIR_CONFIG, directory.toString());
        Topology topology = topology(topics, settings, stages, readinessSettings)
                .build(new TopologyConfig(new StreamsConfig(properties)));
        driver = new TopologyTestDriver(topology, properties, START);
        comparisons = input(topics.comparisons());
        predictions = input(topics.predictions());
        outcomes = input(topics.outcomes());
        disagreements = output(topics.disagreements());
        windows = output(topics.shadowMetrics());
        readiness = output(topics.rolloutReadiness());
    }

    static ModelPair pair(String candidate) {
        return new ModelPair(SyntheticTraffic.MODEL, new ModelVersion("v1"), new ModelVersion(candidate));
    }

    static Topics topics() {
        return new Topics("", new AvroSerdes(new InMemoryRegistry()));
    }

    static EvaluateTopology topology(
            Topics topics, EvaluateSettings settings, DeclaredStages stages, ReadinessSettings readiness) {
        return new EvaluateTopology(topics, settings, stages, new ReadinessPolicy(readiness), PROVENANCE);
    }

    static Properties properties() {
        Properties properties = new Properties();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "test-evaluate");
        properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "unused:9092");
        properties.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);
        return properties;
    }

    private <K, V> TestInputTopic<K, V> input(Topic<K, V> topic) {
        return driver.createInputTopic(
                topic.name(), topic.keySerde().serializer(), topic.valueSerde().serializer());
    }

    private <K, V> TestOutputTopic<K, V> output(Topic<K, V> topic) {
        return driver.createOutputTopic(
                topic.name(),
                topic.keySerde().deserializer(),
                topic.valueSerde().deserializer());
    }

    /** A plain comparison of v1 with a candidate. */
    EvaluateDriver compare(ModelPair pair, long originOffset, Instant eventTime) {
        return compare(pair, originOffset, eventTime, 0, Map.of());
    }

    EvaluateDriver compare(
            ModelPair pair, long originOffset, Instant eventTime, long epoch, Map<String, String> attributes) {
        return compare("user-1", pair, originOffset, eventTime, epoch, attributes);
    }

    /** A plain comparison of another user's request. */
    EvaluateDriver compareAs(String entity, ModelPair pair, long originOffset, Instant eventTime) {
        return compare(entity, pair, originOffset, eventTime, 0, Map.of());
    }

    private EvaluateDriver compare(
            String entity,
            ModelPair pair,
            long originOffset,
            Instant eventTime,
            long epoch,
            Map<String, String> attributes) {
        comparisons.pipeInput(
                entity,
                SyntheticTraffic.comparison(
                                new Origin(0, originOffset),
                                entity,
                                pair.production().name(),
                                pair.candidate().name(),
                                epoch)
                        .setAttributes(attributes)
                        .build(),
                eventTime);
        return this;
    }

    /** Any comparison. */
    EvaluateDriver compare(Comparison comparison, Instant eventTime) {
        comparisons.pipeInput(comparison.getEntityId(), comparison, eventTime);
        return this;
    }

    /** A prediction that v1 served, with which comparisons with these candidates are due. */
    EvaluateDriver predict(long originOffset, Instant eventTime, long epoch, String... candidates) {
        return predict(
                SyntheticTraffic.prediction(new Origin(0, originOffset), "user-1", "v1", epoch, List.of(candidates)),
                eventTime);
    }

    EvaluateDriver predict(Prediction prediction, Instant eventTime) {
        predictions.pipeInput(prediction.getEntityId(), prediction, eventTime);
        return this;
    }

    /** What happened to the request of that origin. */
    EvaluateDriver happened(String entity, long originOffset, String label, Instant observedAt) {
        outcomes.pipeInput(
                entity,
                SyntheticTraffic.outcome(new Origin(0, originOffset), entity, label, observedAt.toEpochMilli()),
                observedAt);
        return this;
    }

    /** Any outcome. */
    EvaluateDriver happened(Outcome outcome) {
        outcomes.pipeInput(outcome.getEntityId(), outcome, Instant.ofEpochMilli(outcome.getObservedAt()));
        return this;
    }

    /** What was published of disagreements since the last call. */
    List<Disagreement> disagreements() {
        return disagreements.readValuesToList();
    }

    /** Lets wall-clock time pass, so that partitions tell and the merge publishes. */
    EvaluateDriver pass(Duration time) {
        driver.advanceWallClockTime(time);
        return this;
    }

    /** Once around: the partition tells, the merge publishes. */
    EvaluateDriver publish() {
        return pass(settings.interval()).pass(settings.interval());
    }

    /** What was published of windows since the last call, in order. */
    List<WindowSummary> windows() {
        return windows.readValuesToList();
    }

    /** What was published of readiness since the last call, the last of each key. */
    Map<String, ReadinessSummary> readiness() {
        return readiness.readKeyValuesToMap();
    }

    List<KeyValue<String, WindowSummary>> keyedWindows() {
        return windows.readKeyValuesToList();
    }

    /** Every key of a store. */
    List<String> keys(String store) {
        try (var all = driver.<String, byte[]>getKeyValueStore(store).all()) {
            List<String> keys = new java.util.ArrayList<>();
            all.forEachRemaining(entry -> keys.add(entry.key));
            return keys;
        }
    }

    /** The merged evidence that the store of the merge holds of a slot, from one source partition. */
    EvidenceMessage.Snapshot snapshot(EvidenceSlot slot) {
        byte[] bytes = driver.<String, byte[]>getKeyValueStore(EvaluateTopology.MERGED_EVIDENCE)
                .get("0\n" + slot.storeKey());
        return (EvidenceMessage.Snapshot) EvidenceMessageSerde.decode(bytes);
    }

    private static Path temporaryDirectory() {
        try {
            return Files.createTempDirectory("evaluate-driver");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        driver.close();
        try (Stream<Path> left = Files.walk(directory)) {
            for (Path path : left.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
