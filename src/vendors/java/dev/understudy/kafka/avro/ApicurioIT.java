package dev.understudy.kafka.avro;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.understudy.app.FlaggedPipeline;
import dev.understudy.avro.Outcome;
import dev.understudy.avro.Prediction;
import dev.understudy.avro.PredictionStatus;
import dev.understudy.broker.Await;
import dev.understudy.broker.TestKafka;
import dev.understudy.domain.Request;
import dev.understudy.kafka.TopicReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A real Apicurio registry, spoken to as users do: by its URL for Confluent's API, a password, and TLS. */
@TestInstance(Lifecycle.PER_CLASS)
final class ApicurioIT {
    private static final Duration BOUND = Duration.ofSeconds(60);
    private static final Map<String, String> SUBJECTS = Map.of(
            "Outcome", "outcomes-value",
            "PredictionRequest", "prediction-requests-value",
            "RolloutStage", "rollout-stages-value");

    @RegisterExtension
    static final TestKafka kafka = new TestKafka();

    private final JsonNode fixture = ConfluentBytesTest.fixture();
    private @Nullable ApicurioServer started;

    /** The first schemas of all, in the order in which Confluent's client had registered them for the fixture. */
    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        started = ApicurioServer.start(folder);
        SchemaRegistry client = client(Map.of());
        for (String name : new String[] {"Outcome", "PredictionRequest", "RolloutStage"}) {
            client.register(Objects.requireNonNull(SUBJECTS.get(name)), ConfluentBytesTest.released(name));
        }
    }

    @AfterAll
    void stop() {
        if (started != null) {
            started.close();
        }
    }

    private ApicurioServer server() {
        return Objects.requireNonNull(started);
    }

    @Test
    void ids_are_those_that_confluents_own_serializer_wrote() {
        SUBJECTS.forEach(
                (name, subject) -> assertThat(client(Map.of()).idOf(subject, ConfluentBytesTest.released(name)))
                        .as(subject)
                        .isEqualTo(fixture.path(name).path("id").asInt()));
    }

    @Test
    void what_confluents_own_serializer_wrote_is_read_by_a_client_that_knows_no_schema_yet() {
        AvroSerdes serdes = new AvroSerdes(client(Map.of()));

        Outcome outcome = Objects.requireNonNull(serdes.of(Outcome.class)
                .deserializer()
                .deserialize("outcomes", ConfluentBytesTest.bytes(fixture, "Outcome")));
        assertThat(outcome.getBusinessValue()).contains(12.25);

        Request request = Objects.requireNonNull(serdes.requests()
                .deserializer()
                .deserialize("prediction-requests", ConfluentBytesTest.bytes(fixture, "PredictionRequest")));
        assertThat(request.entityId()).isEqualTo("Zoë 🎻");
    }

    @Test
    void our_serializer_writes_the_bytes_of_confluents() {
        GenericRecord outcome = new GenericData.Record(ConfluentBytesTest.released("Outcome"));
        outcome.put("requestId", "r-1");
        outcome.put("entityId", "e");
        outcome.put("label", "1");
        outcome.put("businessValue", 12.25);
        outcome.put("observedAt", 1_700_000_000_456L);
        try (AvroSerializer<GenericRecord> serializer = new AvroSerializer<>()) {
            serializer.configure(settings(Map.of()), false);

            assertThat(serializer.serialize("outcomes", outcome))
                    .isEqualTo(ConfluentBytesTest.bytes(fixture, "Outcome"));
        }
    }

    @Test
    void every_schema_of_ours_is_registered_and_comes_back_by_its_id() {
        SchemaRegistry writer = client(Map.of());
        SchemaRegistry reader = client(Map.of());

        SchemaHistory.current().forEach((name, schema) -> {
            String subject = "all." + name + "-value";
            int id = writer.register(subject, schema);

            assertThat(reader.byId(id)).as(name).isEqualTo(schema);
            assertThat(reader.idOf(subject, schema)).as(name).isEqualTo(id);
            assertThat(reader.latest(subject)).as(name).isEqualTo(new SchemaRegistry.Registered(id, schema));
        });
    }

    @Test
    void an_incompatible_schema_is_refused_by_its_subject_once_there_is_a_rule() throws Exception {
        String subject = "changed-value";
        client(Map.of()).register(subject, changed("a"));
        // docs/operations.md says so: Confluent's registry would refuse this one, too.
        assertThat(client(Map.of()).register(subject, changed("a", "b"))).isPositive();

        put("/config", "{\"compatibility\":\"BACKWARD\"}");

        assertThatThrownBy(() -> client(Map.of()).register(subject, changed("a", "b", "c")))
                .isInstanceOf(RegistryRefusedException.class)
                .hasMessageContainingAll("register schema test.Changed under subject changed-value", "incompatible");
    }

    /** Without a default, so that no version reads what those with fewer fields wrote. */
    private static Schema changed(String... fields) {
        SchemaBuilder.FieldAssembler<Schema> record =
                SchemaBuilder.record("Changed").namespace("test").fields();
        for (String field : fields) {
            record.requiredString(field);
        }
        return record.endRecord();
    }

    @Test
    void a_missing_subject_is_refused_in_words_where_nothing_is_registered() {
        AvroSerdes serdes = AvroSerdes.configured(settings(Map.of("auto.register.schemas", "false")));
        Outcome outcome = new Outcome("r-1", "e", "1", null, null, 0L);

        assertThatThrownBy(() -> serdes.of(Outcome.class).serializer().serialize("nobody.outcomes", outcome))
                .isInstanceOf(RegistryRefusedException.class)
                .hasMessageContainingAll(
                        "find schema dev.understudy.avro.Outcome under subject nobody.outcomes-value",
                        "register the schema beforehand or set auto.register.schemas=true");
    }

    @Test
    void an_id_that_nobody_registered_is_unreadable() {
        assertThatThrownBy(() -> client(Map.of()).byId(1_000_000))
                .isInstanceOf(UnreadableRecordException.class)
                .hasMessageContaining("has no schema of id 1000000");
    }

    @Test
    void a_wrong_password_and_none_are_refused() {
        for (String credentials : new String[] {ApicurioServer.USER + ":wrong", ""}) {
            assertThatThrownBy(() ->
                            client(Map.of("basic.auth.user.info", credentials)).register("x-value", changed("x")))
                    .as("credentials '%s'", credentials)
                    .isInstanceOf(RegistryRefusedException.class)
                    .hasMessageContainingAll("subject x-value", "status 401", "basic.auth.user.info");
        }
    }

    @Test
    void a_certificate_that_nobody_vouches_for_is_refused() {
        assertThatThrownBy(() ->
                        client(Map.of("schema.registry.url", server().tlsUrl())).register("x-value", changed("x")))
                .isInstanceOf(RegistryRefusedException.class)
                .hasMessageContainingAll("https://localhost:", "schema.registry.ssl.truststore.location");
    }

    @Test
    void a_pipeline_predicts_with_a_registry_behind_tls_and_a_password(@TempDir Path folder) throws Exception {
        Path password = Files.writeString(folder.resolve("password"), ApicurioServer.PASSWORD + "\n");
        Path flags = Files.writeString(
                folder.resolve("flags.yaml"), "flags: {ml-model-version: v1, shadow-candidates: v2}\n");
        Path properties = Files.writeString(folder.resolve("registry.properties"), """
                schema.registry.ssl.truststore.location=%s
                schema.registry.ssl.truststore.password=%s
                """.formatted(
                        server().certificate().store(), server().certificate().password()));
        String registry = "{urls: ['%s'], username: %s, password-file: '%s', properties-file: '%s'}"
                .formatted(server().tlsUrl(), ApicurioServer.USER, password, properties);
        try (FlaggedPipeline pipeline = FlaggedPipeline.start(kafka, registry, folder, "{file: '" + flags + "'}", "");
                TopicReader<String, Prediction> predictions = pipeline.predictions()) {
            Set<String> expected = new HashSet<>();
            for (int i = 0; i < 50; i++) {
                pipeline.send("r" + i, "e" + i);
                expected.add("r" + i);
            }

            Map<String, PredictionStatus> seen = new HashMap<>();
            Await.until(
                    "a prediction for each request",
                    BOUND,
                    () -> {
                        predictions
                                .poll(Duration.ofMillis(100))
                                .forEach(record -> seen.put(
                                        record.value().getRequestId(),
                                        record.value().getStatus()));
                        return seen.keySet().equals(expected);
                    },
                    seen::size);
            assertThat(seen.values()).containsOnly(PredictionStatus.SCORED);
        }
    }

    /** A client that has remembered nothing yet; what is given takes the place of the usual settings. */
    private HttpRegistry client(Map<String, ?> further) {
        return new HttpRegistry(settings(further));
    }

    private Map<String, Object> settings(Map<String, ?> further) {
        Map<String, Object> settings = new HashMap<>();
        settings.put("schema.registry.url", server().url());
        settings.put("basic.auth.user.info", ApicurioServer.USER + ":" + ApicurioServer.PASSWORD);
        settings.putAll(further);
        return settings;
    }

    private void put(String path, String body) throws Exception {
        String credentials = Base64.getEncoder()
                .encodeToString((ApicurioServer.USER + ":" + ApicurioServer.PASSWORD).getBytes(StandardCharsets.UTF_8));
        HttpResponse<String> response = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(server().url() + path))
                                .timeout(BOUND)
                                .header("Authorization", "Basic " + credentials)
                                .header("Content-Type", "application/vnd.schemaregistry.v1+json")
                                .PUT(HttpRequest.BodyPublishers.ofString(body))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    }
}
