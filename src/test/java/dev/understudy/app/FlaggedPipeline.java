package dev.understudy.app;

import dev.understudy.avro.Prediction;
import dev.understudy.broker.TestKafka;
import dev.understudy.config.ConfigLoader;
import dev.understudy.domain.FraudRequests;
import dev.understudy.domain.Request;
import dev.understudy.flags.FlagHealth;
import dev.understudy.kafka.Topic;
import dev.understudy.kafka.TopicReader;
import dev.understudy.kafka.TopicWriter;
import dev.understudy.kafka.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Map;
import java.util.function.Function;

/** The whole pipeline in this JVM, on topics of its own, under the flags of a real source; v1 is the default version. */
public final class FlaggedPipeline implements AutoCloseable {
    private final Understudy understudy;
    private final Pipeline pipeline;
    private final TopicWriter<String, Request> requests;
    private final Request example = FraudRequests.read().get(0);

    private FlaggedPipeline(Understudy understudy, Pipeline pipeline) {
        this.understudy = understudy;
        this.pipeline = pipeline;
        this.requests = understudy.writer(understudy.topics().predictionRequests());
    }

    /**
     * Starts it and returns when it runs.
     *
     * @param flags the section of the configuration, a mapping in one line
     * @param more further lines of the configuration
     */
    public static FlaggedPipeline start(TestKafka kafka, Path folder, String flags, String more) throws Exception {
        return start(kafka, "{urls: ['" + kafka.registryUrl() + "']}", folder, flags, more);
    }

    /**
     * The same with another registry than the embedded one.
     *
     * @param registry the section of the configuration, a mapping in one line
     */
    public static FlaggedPipeline start(TestKafka kafka, String registry, Path folder, String flags, String more)
            throws Exception {
        Understudy understudy =
                Understudy.of(ConfigLoader.ofProcess().load(configuration(kafka, registry, folder, flags, more)));
        try {
            understudy.createTopics();
            return new FlaggedPipeline(understudy, Pipeline.start(understudy, EnumSet.allOf(StageName.class)));
        } catch (Exception | Error e) {
            understudy.close();
            throw e;
        }
    }

    private static Path configuration(TestKafka kafka, String registry, Path folder, String flags, String more)
            throws IOException {
        String prefix = kafka.uniqueName("flagged");
        return Files.writeString(folder.resolve("understudy.yaml"), """
                model: {directory: '%s'}
                kafka:
                  bootstrap-servers: %s
                  application-prefix: %s
                  topic-prefix: %s.
                  partitions: 2
                  state-directory: '%s'
                registry: %s
                outcomes: {join: false}
                flags: %s
                %s
                """.formatted(
                        Path.of("models").toAbsolutePath(),
                        kafka.bootstrapServers(),
                        prefix,
                        prefix,
                        folder.resolve("state"),
                        registry,
                        flags,
                        more));
    }

    /** Sends a request that arrives soon, without waiting for it. */
    public void send(String requestId, String entityId) {
        requests.send(
                entityId, new Request(requestId, entityId, Map.of(), System.currentTimeMillis(), example.features()));
    }

    public TopicReader<String, Prediction> predictions() {
        return reader(Topics::predictions);
    }

    /** A reader of one of the topics, at its beginning. */
    public <V> TopicReader<String, V> reader(Function<Topics, Topic<String, V>> topic) {
        return understudy.reader(topic.apply(understudy.topics()));
    }

    public FlagHealth flagHealth() {
        return pipeline.flagHealth().orElseThrow();
    }

    @Override
    public void close() {
        try (understudy;
                pipeline) {
            requests.close();
        }
    }
}
