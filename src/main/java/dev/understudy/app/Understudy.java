package dev.understudy.app;

import dev.understudy.avro.WindowSummary;
import dev.understudy.config.UnderstudyConfig;
import dev.understudy.domain.DeclaredStage;
import dev.understudy.domain.ModelPair;
import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.References;
import dev.understudy.evaluate.EvaluateSettings;
import dev.understudy.evaluate.EvaluateTopology;
import dev.understudy.evaluate.SummaryVerifier;
import dev.understudy.flags.FlagsUnavailableException;
import dev.understudy.flags.InspectableFlags;
import dev.understudy.kafka.Access;
import dev.understudy.kafka.ClientProperties;
import dev.understudy.kafka.ClusterAdmin;
import dev.understudy.kafka.DeadLetter;
import dev.understudy.kafka.DeadLetterLog;
import dev.understudy.kafka.DeadLetterReplay;
import dev.understudy.kafka.KafkaConnection;
import dev.understudy.kafka.ReplayNotes;
import dev.understudy.kafka.StageSettings;
import dev.understudy.kafka.Topic;
import dev.understudy.kafka.TopicAdmin;
import dev.understudy.kafka.TopicFinding;
import dev.understudy.kafka.TopicReader;
import dev.understudy.kafka.TopicWriter;
import dev.understudy.kafka.Topics;
import dev.understudy.kafka.avro.AvroSerdes;
import dev.understudy.kafka.avro.SchemaFinding;
import dev.understudy.model.LoadGuard;
import dev.understudy.model.ModelException;
import dev.understudy.model.onnx.OnnxModelRepository;
import dev.understudy.model.onnx.OnnxSettings;
import dev.understudy.readiness.Gate;
import dev.understudy.readiness.ReadinessPolicy;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** The composition root: builds from the configuration what a command needs, and closes it. */
public final class Understudy implements AutoCloseable {
    /** How long a command waits for the cluster. */
    private static final Duration BOUND = Duration.ofSeconds(10);

    private static final int DECLARATION_ATTEMPTS = 5;

    private final UnderstudyConfig config;
    private final KafkaConnection connection;
    private final AvroSerdes serdes;
    private final Topics topics;

    private Understudy(UnderstudyConfig config, KafkaConnection connection, AvroSerdes serdes) {
        this.config = config;
        this.connection = connection;
        this.serdes = serdes;
        this.topics = new Topics(config.kafka().topicPrefix(), serdes);
    }

    /** Composes; nothing is contacted before it is needed. */
    public static Understudy of(UnderstudyConfig config) {
        return new Understudy(config, connection(config.kafka()), Registries.serdes(config.registry()));
    }

    private static KafkaConnection connection(UnderstudyConfig.Kafka kafka) {
        return Evaluation.fromConfiguration(() -> new KafkaConnection(
                kafka.bootstrapServers(),
                new ClientProperties("kafka.properties", kafka.properties(), kafka.propertiesFile())));
    }

    public UnderstudyConfig config() {
        return config;
    }

    public KafkaConnection connection() {
        return connection;
    }

    public Topics topics() {
        return topics;
    }

    /** SHA-256 of the models on disk, by version; empty for one that cannot be read. */
    public Function<ModelVersion, Optional<String>> hashes() {
        return ModelHashes.now(config.model());
    }

    /**
     * The configured flags, to look at: asking them leaves no trace in their system, nor in a backup file.
     *
     * @throws FlagsUnavailableException if the source cannot be reached or has no flags
     */
    public InspectableFlags lookAtFlags() throws FlagsUnavailableException {
        return FlagSource.look(config.flags(), config.model().version());
    }

    /** The versions of the model on this machine's disk. They are not loaded. */
    public ModelsOnDisk models() {
        return ModelsOnDisk.now(config.model());
    }

    /** A reader at the topic's beginning. */
    public <K, V> TopicReader<K, V> reader(Topic<K, V> topic) {
        return new TopicReader<>(connection, topic, BOUND);
    }

    /** What computes published summaries again, with the configuration and the models that are here. */
    public SummaryVerifier verifier() {
        EvaluateSettings settings = Evaluation.settings(config);
        return new SummaryVerifier(
                connection,
                BOUND,
                topics,
                settings,
                new ReadinessPolicy(Evaluation.readiness(config)),
                Evaluation.provenance(config, hashes(), settings));
    }

    /** A writer to the topic. */
    public <K, V> TopicWriter<K, V> writer(Topic<K, V> topic) {
        return new TopicWriter<>(connection, topic, BOUND);
    }

    /**
     * Reads the dead letters.
     *
     * @param bound how long to wait for each answer
     * @param taker gets each of them
     * @return which of them were replayed
     */
    public ReplayNotes readDeadLetters(Duration bound, Consumer<DeadLetter> taker) {
        return DeadLetterLog.read(connection, topics.deadLetters(), bound, taker);
    }

    /**
     * What sends the records of dead letters again.
     *
     * @param bound how long to wait for each answer
     */
    public DeadLetterReplay deadLetterReplay(Duration bound) {
        return new DeadLetterReplay(connection, topics, bound);
    }

    /** What the cluster says of itself and of the stages; to be closed by the caller. */
    public ClusterAdmin cluster() {
        return new ClusterAdmin(connection, BOUND);
    }

    /** Creates the topics that are missing, and says how each one stands. */
    public List<TopicFinding> createTopics() {
        try (TopicAdmin admin = new TopicAdmin(connection, BOUND)) {
            return admin.create(
                    topics, config.kafka().partitions(), config.kafka().replication());
        }
    }

    /** The topics that Kafka Streams makes for EVALUATE, by name, with their configuration. */
    public Map<String, Map<String, String>> streamsTopics() {
        return EvaluateTopology.ownTopics(
                StageSettings.applicationId(config.kafka().applicationPrefix(), StageName.EVALUATE.key()),
                config.outcomes().join());
    }

    /** What an authoriser has to allow. */
    public Access access() {
        return new Access(
                topics,
                config.kafka().applicationPrefix(),
                config.score().guarantee(),
                config.shadow().guarantee(),
                config.outcomes().join(),
                streamsTopics());
    }

    /** Says how each topic stands. */
    public List<TopicFinding> checkTopics() {
        try (TopicAdmin admin = new TopicAdmin(connection, BOUND)) {
            return admin.check(
                    topics, config.kafka().partitions(), config.kafka().replication());
        }
    }

    /**
     * Says how the schema of each topic stands in the registry; nothing is registered.
     *
     * @throws dev.understudy.kafka.avro.RegistryException if the registry cannot be reached, or refuses to be asked
     */
    public List<SchemaFinding> checkSchemas() {
        return topics.records().entrySet().stream()
                .map(record -> serdes.look(record.getKey().name(), record.getValue()))
                .toList();
    }

    /**
     * The models as the stages load them; to be closed by the caller.
     *
     * @throws ModelException if there is no such model
     */
    public OnnxModelRepository openModels() throws ModelException {
        return openModels(LoadGuard.NONE);
    }

    OnnxModelRepository openModels(LoadGuard guard) throws ModelException {
        return OnnxModelRepository.open(
                config.model().directory(), config.model().name(), OnnxSettings.pipeline(), Clock.systemUTC(), guard);
    }

    /** The rollout stages in force, one per pair. */
    public Collection<DeclaredStage> declaredStages() {
        Map<String, DeclaredStage> byPair = new LinkedHashMap<>();
        for (ConsumerRecord<String, DeclaredStage> record : declarations()) {
            if (record.value() == null) {
                byPair.remove(record.key());
            } else {
                byPair.put(record.key(), record.value());
            }
        }
        return byPair.values();
    }

    /**
     * The margins of a stage, frozen with it: a later change of the configuration must not move the goal.
     *
     * @param given by gate name; others are the configured ones
     */
    private Map<String, Double> frozenMargins(Map<String, Double> given) {
        UnderstudyConfig.Readiness readiness = config.readiness();
        Map<String, Double> frozen = new HashMap<>(readiness.margins());
        frozen.putIfAbsent(Gate.ACCURACY_BETTER.key(), readiness.better().by());
        frozen.putAll(given);
        return frozen;
    }

    /**
     * Declares a stage with a new epoch. Where two people declare at the same moment, the one whose record stands second
     * takes a later epoch.
     *
     * @param margins by gate name, where they differ from the configured ones
     */
    public DeclaredStage declareStage(
            ModelPair pair,
            int percent,
            Duration hold,
            Map<String, Double> margins,
            References references,
            int candidates,
            Instant since) {
        Map<String, Double> frozen = frozenMargins(margins);
        for (int attempt = 0; attempt < DECLARATION_ATTEMPTS; attempt++) {
            long latest = latestEpoch();
            // As the topic keeps them, so that what is read back is equal to what was written.
            DeclaredStage stage = new DeclaredStage(
                    pair,
                    latest + 1,
                    percent,
                    since.truncatedTo(ChronoUnit.MILLIS),
                    hold.truncatedTo(ChronoUnit.SECONDS),
                    frozen,
                    references,
                    candidates);
            try (TopicWriter<String, DeclaredStage> writer = writer(topics.rolloutStages())) {
                writer.send(pair.key(), stage);
                writer.flush();
            }
            DeclaredStage first = declarations().stream()
                    .map(ConsumerRecord::value)
                    .filter(declared -> declared != null && declared.epoch() == stage.epoch())
                    .findFirst()
                    .orElse(stage);
            if (first.equals(stage)) {
                return stage;
            }
        }
        throw new IllegalStateException("others declared a stage at the same moment, " + DECLARATION_ATTEMPTS
                + " times in a row; run it again");
    }

    /**
     * No epoch up to this one may be declared again: evidence of it may still be there, and would be taken for that of the
     * new stage. A stage that was ended leaves the compacted topic, and its epoch with it; but what was ever written moved
     * the topic's end, which compaction does not move back.
     */
    private long latestEpoch() {
        try (TopicReader<String, DeclaredStage> reader = reader(topics.rolloutStages())) {
            long written = reader.endOffsets().values().stream()
                    .mapToLong(Long::longValue)
                    .sum();
            return reader.readToEnd().stream()
                    .filter(record -> record.value() != null)
                    .mapToLong(record -> record.value().epoch())
                    .reduce(written, Math::max);
        }
    }

    /**
     * Takes back the stage of a pair: its candidate is in shadow without one again, and does not share alpha any more.
     *
     * @return the stage that was in force; empty where there was none
     */
    public Optional<DeclaredStage> endStage(ModelPair pair) {
        Optional<DeclaredStage> ended = declaredStages().stream()
                .filter(stage -> stage.pair().equals(pair))
                .findFirst();
        if (ended.isPresent()) {
            try (TopicWriter<String, DeclaredStage> writer = writer(topics.rolloutStages())) {
                writer.delete(pair.key());
                writer.flush();
            }
        }
        return ended;
    }

    /** The windows of shadow-metrics that are final, the latest record of each, in the order of their start. */
    public List<WindowSummary> finalWindows() {
        Map<String, WindowSummary> latest = new LinkedHashMap<>();
        try (TopicReader<String, WindowSummary> reader = reader(topics.shadowMetrics())) {
            reader.readToEnd(record -> {
                if (record.value() != null) {
                    latest.put(record.key(), record.value());
                }
            });
        }
        return latest.values().stream()
                .filter(WindowSummary::getFinal$)
                .sorted(Comparator.comparing(WindowSummary::getWindowStart))
                .toList();
    }

    private List<ConsumerRecord<String, DeclaredStage>> declarations() {
        try (TopicReader<String, DeclaredStage> reader = reader(topics.rolloutStages())) {
            return reader.readToEnd();
        }
    }

    @Override
    public void close() {
        serdes.close();
    }
}
