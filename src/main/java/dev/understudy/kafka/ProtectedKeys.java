package dev.understudy.kafka;

import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.StreamsConfig;

/** The client properties that users cannot set, each with the reason. */
final class ProtectedKeys {
    private static final String BY_STAGE = "it differs by stage: set score.%1$s, shadow.%1$s or evaluate.%1$s";
    private static final String SERDES = "the topics' serdes are declared in code, since what they hold is a contract";
    private static final String HANDLERS = "what cannot be read or processed goes to the topic dead-letters";

    private static final Map<String, String> REASONS = Map.ofEntries(
            Map.entry(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "set kafka.bootstrap-servers"),
            Map.entry(StreamsConfig.APPLICATION_ID_CONFIG, "set kafka.application-prefix"),
            Map.entry(ConsumerConfig.GROUP_ID_CONFIG, "the group is the stage's application id"),
            Map.entry(
                    ConsumerConfig.GROUP_INSTANCE_ID_CONFIG,
                    "set kafka.instance-id, with which a stage stays in its group when it ends"),
            Map.entry(
                    StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG,
                    "only EVALUATE has state to keep twice: set evaluate.standby-replicas"),
            Map.entry(StreamsConfig.STATE_DIR_CONFIG, "set kafka.state-directory"),
            Map.entry(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, BY_STAGE.formatted("guarantee")),
            Map.entry(StreamsConfig.NUM_STREAM_THREADS_CONFIG, BY_STAGE.formatted("threads")),
            Map.entry(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, BY_STAGE.formatted("commit-interval")),
            Map.entry(ProducerConfig.LINGER_MS_CONFIG, BY_STAGE.formatted("linger")),
            Map.entry(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, "set evaluate.cache-mebibytes"),
            Map.entry(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, SERDES),
            Map.entry(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, SERDES),
            Map.entry(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, SERDES),
            Map.entry(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, SERDES),
            Map.entry(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, SERDES),
            Map.entry(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, SERDES),
            Map.entry(StreamsConfig.ERRORS_DEAD_LETTER_QUEUE_TOPIC_NAME_CONFIG, HANDLERS),
            Map.entry(StreamsConfig.DESERIALIZATION_EXCEPTION_HANDLER_CLASS_CONFIG, HANDLERS),
            Map.entry(StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG, HANDLERS),
            Map.entry(StreamsConfig.PRODUCTION_EXCEPTION_HANDLER_CLASS_CONFIG, HANDLERS),
            Map.entry("default.deserialization.exception.handler", HANDLERS),
            Map.entry("default.production.exception.handler", HANDLERS),
            Map.entry(DeadLetters.OBJECT, HANDLERS),
            Map.entry(AheadInterceptor.WORK, "it holds the stage's work on polled batches"),
            Map.entry(
                    StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG,
                    "every store and operator is named, so that an upgrade finds its state"),
            Map.entry(
                    ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                    "stages read committed records only, or an aborted transaction would be evaluated"),
            Map.entry(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "offsets are committed after what was derived"),
            Map.entry(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "topics are created by `topics create`"),
            Map.entry(ProducerConfig.TRANSACTIONAL_ID_CONFIG, "it is the stage's, where the guarantee needs one"),
            Map.entry(
                    ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
                    "readers recognise repeats by the order of origins, which a retry must not change"));

    /** Longest first, so that {@code main.consumer.} is not taken for something else. */
    private static final List<String> PREFIXES = List.of(
            StreamsConfig.RESTORE_CONSUMER_PREFIX,
            StreamsConfig.GLOBAL_CONSUMER_PREFIX,
            StreamsConfig.MAIN_CONSUMER_PREFIX,
            StreamsConfig.CONSUMER_PREFIX,
            StreamsConfig.PRODUCER_PREFIX,
            StreamsConfig.ADMIN_CLIENT_PREFIX);

    private ProtectedKeys() {}

    /** Throws if a property is the pipeline's own, with any client's prefix or none. */
    static void refuseAny(ClientProperties properties) {
        for (String key : new TreeSet<>(properties.all().keySet())) {
            if (key.equals(ConsumerConfig.INTERCEPTOR_CLASSES_CONFIG)) {
                throw refused(
                        properties,
                        key,
                        "producers and consumers need different ones: set main.consumer." + key + " or producer."
                                + key);
            }
            String reason = REASONS.get(bare(key));
            if (reason != null) {
                throw refused(properties, key, reason);
            }
        }
    }

    private static IllegalArgumentException refused(ClientProperties properties, String key, String reason) {
        return new IllegalArgumentException(properties.place(key) + " must not set '" + key + "': " + reason);
    }

    static String bare(String key) {
        for (String prefix : PREFIXES) {
            if (key.startsWith(prefix)) {
                return key.substring(prefix.length());
            }
        }
        return key;
    }
}
