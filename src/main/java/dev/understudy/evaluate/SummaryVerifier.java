package dev.understudy.evaluate;

import dev.understudy.avro.Comparison;
import dev.understudy.avro.InputOffsets;
import dev.understudy.avro.Outcome;
import dev.understudy.avro.Prediction;
import dev.understudy.avro.ReadinessSummary;
import dev.understudy.domain.DeclaredStage;
import dev.understudy.domain.ModelPair;
import dev.understudy.domain.ModelVersion;
import dev.understudy.evaluate.Verified.Difference;
import dev.understudy.evaluate.Verified.Result;
import dev.understudy.kafka.KafkaConnection;
import dev.understudy.kafka.Topic;
import dev.understudy.kafka.TopicReader;
import dev.understudy.kafka.TopicUnavailableException;
import dev.understudy.kafka.Topics;
import dev.understudy.kafka.avro.RecordBody;
import dev.understudy.readiness.ReadinessPolicy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serdes;
import org.jspecify.annotations.Nullable;

/** Computes published summaries again from the topics, as far as they are still there, and compares the bytes. */
public final class SummaryVerifier {
    private final KafkaConnection connection;
    private final Duration bound;
    private final Topics topics;
    private final EvaluateSettings settings;
    private final ReadinessPolicy policy;
    private final Provenance here;

    /** What one run of the evaluation published at a time for a pair: computed together. */
    private record Publication(ModelPair pair, Instant evaluatedAt, List<InputOffsets> inputs) {}

    /** What is computed: by segment, unless something without which nothing can be computed is gone. */
    private record Computed(
            @Nullable Map<String, ReadinessSummary> summaries,
            Map<InputTopic, Long> records,
            List<String> gone,
            boolean isWhole) {}

    /**
     * @param bound how long the cluster may take to answer
     * @param settings and policy as they are configured here
     * @param here what the model files, the configuration and the code are here
     */
    public SummaryVerifier(
            KafkaConnection connection,
            Duration bound,
            Topics topics,
            EvaluateSettings settings,
            ReadinessPolicy policy,
            Provenance here) {
        this.connection = connection;
        this.bound = bound;
        this.topics = topics;
        this.settings = settings;
        this.policy = policy;
        this.here = here;
    }

    /**
     * The summaries that were the latest of their pair and segment at a time, by their keys: of those that the compacted topic
     * still has.
     */
    public Collection<PublishedSummary> published(Instant at) {
        Map<String, PublishedSummary> latest = new TreeMap<>();
        Topic<String, ReadinessSummary> topic = topics.rolloutReadiness();
        Deserializer<ReadinessSummary> decoder = topic.valueSerde().deserializer();
        Topic<String, byte[]> bytes = new Topic<>(
                topic.name(), topic.keySerde(), Serdes.ByteArray(), topic.partitioning(), topic.configuration());
        try (TopicReader<String, byte[]> reader = open(bytes)) {
            reader.readToEnd(record -> {
                if (record.value() == null) {
                    if (record.timestamp() <= at.toEpochMilli()) {
                        latest.remove(record.key());
                    }
                    return;
                }
                ReadinessSummary summary = decoder.deserialize(topic.name(), record.headers(), record.value());
                if (!summary.getEvaluatedAt().isAfter(at)) {
                    latest.put(record.key(), PublishedSummary.of(summary, record.value()));
                }
            });
        }
        return latest.values();
    }

    /**
     * In the order in which they are given.
     *
     * @throws TopicUnavailableException if a topic cannot be read
     */
    public List<Verified> verify(List<PublishedSummary> published) {
        Stages stages = stages();
        Map<Publication, Computed> computed = new LinkedHashMap<>();
        List<Verified> verified = new ArrayList<>();
        for (PublishedSummary one : published) {
            ReadinessSummary summary = one.summary();
            Publication publication = new Publication(
                    Recomputation.pairOf(summary),
                    summary.getEvaluatedAt(),
                    summary.getProvenance().getInputs());
            verified.add(compared(
                    one,
                    computed.computeIfAbsent(publication, p -> compute(summary, stages.declared())),
                    TakenAsPublished.doubts(summary, stages.inForce())));
        }
        return verified;
    }

    /**
     * What rollout-stages says.
     *
     * @param declared the latest of each pair and epoch that the compacted topic still has
     * @param inForce that have not been ended
     */
    private record Stages(Collection<DeclaredStage> declared, Collection<DeclaredStage> inForce) {}

    private Stages stages() {
        Map<List<Object>, DeclaredStage> declared = new LinkedHashMap<>();
        Map<String, DeclaredStage> inForce = new LinkedHashMap<>();
        try (TopicReader<String, DeclaredStage> reader = open(topics.rolloutStages())) {
            reader.readToEnd(record -> {
                DeclaredStage stage = record.value();
                if (stage == null) {
                    inForce.remove(record.key());
                } else {
                    declared.put(List.of(stage.pair(), stage.epoch()), stage);
                    inForce.put(record.key(), stage);
                }
            });
        }
        return new Stages(declared.values(), inForce.values());
    }

    private <K, V> TopicReader<K, V> open(Topic<K, V> topic) {
        return new TopicReader<>(connection, topic, bound);
    }

    private static Verified compared(PublishedSummary published, Computed computed, List<String> doubts) {
        ReadinessSummary summary = published.summary();
        ReadinessSummary again =
                computed.summaries() == null ? null : computed.summaries().get(summary.getSegment());
        List<String> gone = computed.gone();
        boolean isSame = again != null && Arrays.equals(RecordBody.of(again), published.body());
        List<Difference> differences = again == null || isSame ? List.of() : SummaryFields.differences(summary, again);
        Result result;
        if (isSame) {
            result = Result.REPRODUCED;
        } else if (!computed.isWhole()
                && !differences.isEmpty()
                && differences.stream().allMatch(SummaryFields::isBeyondStage)) {
            result = Result.REPRODUCED_IN_STAGE;
        } else if (!gone.isEmpty()) {
            result = Result.INPUT_GONE;
        } else {
            gone = countedOtherwise(summary);
            result = gone.isEmpty() ? Result.DIFFERS : Result.COUNTED_OTHERWISE;
        }
        return new Verified(summary, result, published.body().length, computed.records(), gone, doubts, differences);
    }

    /** Only where it came out otherwise: not every change of version or settings changes what is counted. */
    private static List<String> countedOtherwise(ReadinessSummary summary) {
        return summary.getProvenance().getInputs().stream()
                .flatMap(inputs -> inputs.getCountedOtherwise().stream()
                        .map(by -> "evidence: in partition " + inputs.getPartition()
                                + " the stage was counted in part by " + by
                                + ", for EVALUATE was started again within it; declare the stage anew to have it"
                                + " counted by one"))
                .toList();
    }

    private Computed compute(ReadinessSummary published, Collection<DeclaredStage> declared) {
        List<String> gone = new ArrayList<>(otherThanHere(published));
        if (!canBeComputed(published, declared, gone)) {
            return new Computed(null, Map.of(), gone, false);
        }
        Recomputation recomputation = new Recomputation(settings, policy, asHere(published), declared, published);
        Map<InputTopic, Long> records = new EnumMap<>(InputTopic.class);
        boolean whole = true;
        try (TopicReader<String, Outcome> outcomes = settings.outcomes().join() ? open(topics.outcomes()) : null;
                TopicReader<String, Comparison> comparisons = open(topics.comparisons());
                TopicReader<String, Prediction> predictions = open(topics.predictions())) {
            InputTopics inputs = new InputTopics(comparisons, predictions, outcomes, gone);
            if (!inputs.areLongEnough(recomputation.read())) {
                return new Computed(null, Map.of(), gone, false);
            }
            for (Map.Entry<Integer, InputsRead> read : recomputation.read().entrySet()) {
                int number = read.getKey();
                boolean all = inputs.beginEarlyEnough(number, read.getValue());
                whole &= all;
                Recomputation.Partition partition = recomputation.partition(number, all);
                PartitionReading reading = new PartitionReading(number, read.getValue(), records);
                if (outcomes != null) {
                    reading.read(outcomes, InputTopic.OUTCOMES, (outcome, time) -> partition.add(outcome));
                }
                reading.read(comparisons, InputTopic.COMPARISONS, partition::add);
                reading.read(predictions, InputTopic.PREDICTIONS, partition::add);
                partition.end();
            }
            inputs.requireUnchanged(recomputation.read());
        }
        return new Computed(recomputation.summaries(), records, gone, whole);
    }

    /** What the summary was made with and is another one here. */
    private List<String> otherThanHere(ReadinessSummary published) {
        dev.understudy.avro.Provenance made = published.getProvenance();
        List<String> other = new ArrayList<>();
        if (!made.getCodeVersion().equals(here.codeVersion())) {
            other.add("code: the summary was made by version " + made.getCodeVersion() + ", this is version "
                    + here.codeVersion() + "; run that version's `readiness verify`");
        }
        if (!made.getConfigurationHash().equals(here.configurationHash())) {
            other.add("configuration: its settings under evaluate, outcomes and readiness hash to "
                    + made.getConfigurationHash() + ", those here to " + here.configurationHash()
                    + "; verify with the configuration of the EVALUATE that made it");
        }
        otherModel(published.getProductionVersion(), made.getProductionSha256()).ifPresent(other::add);
        otherModel(published.getCandidateVersion(), made.getCandidateSha256()).ifPresent(other::add);
        return other;
    }

    private Optional<String> otherModel(String version, Optional<String> made) {
        Optional<String> onDisk = here.sha256().apply(new ModelVersion(version));
        if (made.isEmpty() || onDisk.isEmpty() || onDisk.equals(made)) {
            return Optional.empty();
        }
        return Optional.of("model " + version + ": the summary is about the file with SHA-256 " + made.get()
                + ", the one here has " + onDisk.get() + "; put that file back");
    }

    /** A model that is not here, or whose hash was not known when the summary was made, is no difference. */
    private Provenance asHere(ReadinessSummary published) {
        dev.understudy.avro.Provenance made = published.getProvenance();
        return new Provenance(
                version -> {
                    Optional<String> then = version.name().equals(published.getCandidateVersion())
                            ? made.getCandidateSha256()
                            : made.getProductionSha256();
                    return then.isEmpty() ? then : here.sha256().apply(version).or(() -> then);
                },
                here.configurationHash(),
                here.codeVersion());
    }

    private boolean canBeComputed(ReadinessSummary published, Collection<DeclaredStage> declared, List<String> gone) {
        int before = gone.size();
        List<InputOffsets> inputs = published.getProvenance().getInputs();
        if (inputs.isEmpty()) {
            gone.add(
                    "offsets: the summary does not say how far the topics were read, as those of earlier versions do not;"
                            + " verify one that was published since");
        }
        for (InputOffsets input : inputs) {
            InputsRead read = InputRecords.read(input);
            for (InputTopic topic : InputTopic.values()) {
                boolean isRead =
                        topic != InputTopic.OUTCOMES || settings.outcomes().join();
                if (isRead && !read.of(topic).isKnown()) {
                    gone.add("offsets: the summary does not say how far partition " + input.getPartition() + " of the "
                            + topic.text() + " was read, since its EVALUATE was just upgraded or ended; verify a later"
                            + " one");
                }
            }
        }
        long epoch = published.getStage().getEpoch();
        ModelPair pair = Recomputation.pairOf(published);
        boolean isDeclared = declared.stream()
                .anyMatch(stage -> stage.epoch() == epoch && stage.pair().equals(pair));
        if (epoch > 0 && !isDeclared) {
            gone.add("stage: the declaration of epoch " + epoch + " of " + pair + " is not in rollout-stages any more,"
                    + " which keeps the latest of each pair; verify summaries while their stage is in force");
        }
        return gone.size() == before;
    }
}
