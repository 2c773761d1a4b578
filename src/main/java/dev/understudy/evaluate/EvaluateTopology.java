package dev.understudy.evaluate;

import dev.understudy.domain.StageBook;
import dev.understudy.kafka.Topic;
import dev.understudy.kafka.Topics;
import dev.understudy.readiness.ReadinessPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Repartitioned;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * Pipeline stage EVALUATE: each partition of comparisons, predictions and outcomes collects evidence, tells the owner of the pair what changed, and
 * the owner merges it into summaries of windows and into readiness.
 *
 * <p>There are very few pairs, so comparisons are not grouped by pair: that would put all of them on one partition.
 * What travels between partitions is snapshots that replace each other, so repeating one changes nothing.
 */
public final class EvaluateTopology {
    static final String PARTIAL_EVIDENCE = "partial-evidence";
    static final String SOURCE_PROGRESS = "source-progress";
    static final String AWAITED_OUTCOMES = "awaited-outcomes";
    static final String MERGED_EVIDENCE = "evidence-snapshots";
    static final String MERGE_PROGRESS = "merge-progress";

    /** Becomes {@code <application id>-evidence-by-pair-repartition}. */
    private static final String EVIDENCE_BY_PAIR = "evidence-by-pair";

    private static final Map<String, String> COMPACTED =
            Map.of(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT);

    private final Topics topics;
    private final EvaluateSettings settings;
    private final StageBook stages;
    private final ReadinessJudge judge;

    public EvaluateTopology(
            Topics topics, EvaluateSettings settings, StageBook stages, ReadinessPolicy policy, Provenance provenance) {
        this.topics = topics;
        this.settings = settings;
        this.stages = stages;
        this.judge = new ReadinessJudge(settings, policy, provenance);
    }

    /** The topics that must exist. */
    public List<Topic<?, ?>> topics() {
        List<Topic<?, ?>> used = new ArrayList<>(List.of(
                topics.comparisons(),
                topics.predictions(),
                topics.shadowMetrics(),
                topics.rolloutReadiness(),
                topics.disagreements()));
        if (settings.outcomes().join()) {
            used.add(topics.outcomes());
        }
        return used;
    }

    /**
     * The topics that Kafka Streams makes for the stage itself, with the configuration that it gives them. Each has as many
     * partitions as the requests.
     *
     * @param outcomes whether they are joined
     */
    public static Map<String, Map<String, String>> ownTopics(String applicationId, boolean outcomes) {
        Map<String, Map<String, String>> topics = new TreeMap<>();
        Stream.of(PARTIAL_EVIDENCE, SOURCE_PROGRESS, MERGED_EVIDENCE, MERGE_PROGRESS)
                .forEach(store -> topics.put(changelog(applicationId, store), COMPACTED));
        if (outcomes) {
            topics.put(changelog(applicationId, AWAITED_OUTCOMES), COMPACTED);
        }
        topics.put(
                applicationId + "-" + EVIDENCE_BY_PAIR + "-repartition",
                Map.of(
                        TopicConfig.CLEANUP_POLICY_CONFIG,
                        TopicConfig.CLEANUP_POLICY_DELETE,
                        TopicConfig.RETENTION_MS_CONFIG,
                        "-1")); // Kafka Streams deletes what it has read
        return topics;
    }

    private static String changelog(String applicationId, String store) {
        return applicationId + "-" + store + "-changelog";
    }

    /** Builds it; every operator and store has a name, which the configuration may enforce. */
    public Topology build(TopologyConfig config) {
        StreamsBuilder builder = new StreamsBuilder(config);
        WatchedStores evidence = new WatchedStores(PARTIAL_EVIDENCE);
        WatchedStores progress = new WatchedStores(SOURCE_PROGRESS);
        builder.addStateStore(logged(evidence).withCachingEnabled());
        builder.addStateStore(logged(progress).withCachingEnabled());
        builder.addStateStore(logged(Stores.inMemoryKeyValueStore(MERGED_EVIDENCE)));
        builder.addStateStore(logged(Stores.inMemoryKeyValueStore(MERGE_PROGRESS)));

        String[] collected = collectorStores(builder);
        KStream<String, Published> published = inputs(builder)
                .process(
                        () -> new EvidenceCollector(settings, stages, evidence, progress),
                        Named.as("collect-evidence"),
                        collected)
                .repartition(Repartitioned.<byte[], EvidenceMessage>as(EVIDENCE_BY_PAIR)
                        .withKeySerde(Serdes.ByteArray())
                        .withValueSerde(new EvidenceMessageSerde())
                        .withStreamPartitioner(EvidenceMessageSerde.partitioner()))
                .process(
                        () -> new EvidenceMerger(settings, stages, judge),
                        Named.as("merge-evidence"),
                        MERGED_EVIDENCE,
                        MERGE_PROGRESS);

        published
                .filter((pair, summary) -> summary instanceof Published.OfWindow, Named.as("windows-only"))
                .mapValues(summary -> ((Published.OfWindow) summary).summary(), Named.as("window-summary"))
                .to(topics.shadowMetrics().name(), produced(topics.shadowMetrics(), "shadow-metrics"));
        published
                .filter((pair, summary) -> summary instanceof Published.OfReadiness, Named.as("readiness-only"))
                .mapValues(summary -> ((Published.OfReadiness) summary).summary(), Named.as("readiness-summary"))
                .to(topics.rolloutReadiness().name(), produced(topics.rolloutReadiness(), "rollout-readiness"));
        published
                .filter((pair, summary) -> summary instanceof Published.OfDisagreement, Named.as("disagreements-only"))
                .mapValues(summary -> ((Published.OfDisagreement) summary).disagreement(), Named.as("disagreement"))
                .to(topics.disagreements().name(), produced(topics.disagreements(), "disagreements"));
        return builder.build();
    }

    /** All that is read, on the partition number of its request, so that what belongs together meets. Keys are not used. */
    private KStream<byte[], Object> inputs(StreamsBuilder builder) {
        KStream<byte[], Object> inputs = input(builder, topics.comparisons(), "comparisons")
                .merge(input(builder, topics.predictions(), "predictions"), Named.as("with-predictions"));
        return settings.outcomes().join()
                ? inputs.merge(input(builder, topics.outcomes(), "outcomes"), Named.as("with-outcomes"))
                : inputs;
    }

    private static KStream<byte[], Object> input(StreamsBuilder builder, Topic<?, ?> topic, String name) {
        return builder.stream(
                        topic.name(),
                        Consumed.with(Serdes.ByteArray(), topic.valueSerde()).withName(name))
                .mapValues(value -> (Object) value, Named.as("any-of-" + name));
    }

    private String[] collectorStores(StreamsBuilder builder) {
        if (!settings.outcomes().join()) {
            return new String[] {PARTIAL_EVIDENCE, SOURCE_PROGRESS};
        }
        builder.addStateStore(awaitedOutcomes());
        return new String[] {PARTIAL_EVIDENCE, SOURCE_PROGRESS, AWAITED_OUTCOMES};
    }

    /** On disk: days of requests. */
    private static StoreBuilder<KeyValueStore<String, byte[]>> awaitedOutcomes() {
        return Stores.keyValueStoreBuilder(
                Stores.persistentKeyValueStore(AWAITED_OUTCOMES), Serdes.String(), Serdes.ByteArray());
    }

    private static <K, V> Produced<K, V> produced(Topic<K, V> topic, String name) {
        return Produced.<K, V>as(name).withKeySerde(topic.keySerde()).withValueSerde(topic.valueSerde());
    }

    private static StoreBuilder<KeyValueStore<String, byte[]>> logged(KeyValueBytesStoreSupplier store) {
        return Stores.keyValueStoreBuilder(store, Serdes.String(), Serdes.ByteArray());
    }
}
