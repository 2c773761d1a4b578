package dev.understudy.kafka.avro;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.understudy.avro.Outcome;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpRegistryTest {
    private static final Schema SCHEMA = PlainSchema.of(Outcome.getClassSchema());
    private static final String UNKNOWN_SCHEMA = "{\"error_code\":40403,\"message\":\"Schema 7 not found\"}";

    private final StubRegistry stub = new StubRegistry();
    private final List<Duration> waits = new ArrayList<>();

    @AfterEach
    void close() {
        stub.close();
    }

    @Test
    void registering_posts_the_schema_under_the_subject_and_asks_only_once() {
        HttpRegistry registry = registry(Map.of());
        stub.answers(200, "{\"id\":17}");

        assertThat(registry.register("outcomes-value", SCHEMA)).isEqualTo(17);
        assertThat(registry.register("outcomes-value", SCHEMA)).isEqualTo(17);
        assertThat(registry.byId(17)).isEqualTo(SCHEMA);

        assertThat(stub.lines()).containsExactly("POST /subjects/outcomes-value/versions");
        assertThat(stub.asked().get(0).contentType()).isEqualTo("application/vnd.schemaregistry.v1+json");
        assertThat(schemaIn(stub.asked().get(0).body())).isEqualTo(SCHEMA);
    }

    @Test
    void the_same_schema_under_another_subject_is_asked_for_again() {
        HttpRegistry registry = registry(Map.of());
        stub.answers(200, "{\"id\":17}");

        registry.register("a-value", SCHEMA);
        registry.register("b-value", SCHEMA);

        assertThat(stub.asked()).hasSize(2);
    }

    @Test
    void looking_up_posts_to_the_subject_itself() {
        stub.answers(200, "{\"subject\":\"o\",\"id\":3,\"version\":1,\"schema\":\"...\"}");

        assertThat(registry(Map.of()).idOf("a b/c-value", SCHEMA)).isEqualTo(3);

        assertThat(stub.lines()).containsExactly("POST /subjects/a%20b%2Fc-value");
    }

    @Test
    void normalisation_is_asked_for_where_it_is_configured() {
        stub.answers(200, "{\"id\":3}");

        registry(Map.of("normalize.schemas", "true")).register("s", SCHEMA);

        assertThat(stub.lines()).containsExactly("POST /subjects/s/versions?normalize=true");
    }

    @Test
    void a_schema_is_fetched_by_its_id_once() {
        HttpRegistry registry = registry(Map.of());
        stub.answers(200, json("schema", SCHEMA.toString()));

        assertThat(registry.byId(5)).isEqualTo(SCHEMA);
        assertThat(registry.byId(5)).isEqualTo(SCHEMA);

        assertThat(stub.lines()).containsExactly("GET /schemas/ids/5");
    }

    @Test
    void a_schema_that_refers_to_another_is_put_together() {
        stub.answers(
                        200,
                        "{\"schema\":\"{\\\"type\\\":\\\"record\\\",\\\"name\\\":\\\"R\\\",\\\"fields\\\":[{\\\"name\\\":\\\"p\\\",\\\"type\\\":\\\"P\\\"}]}\","
                                + "\"references\":[{\"name\":\"P\",\"subject\":\"part\",\"version\":2}]}")
                .answers(
                        200, "{\"schema\":\"{\\\"type\\\":\\\"record\\\",\\\"name\\\":\\\"P\\\",\\\"fields\\\":[]}\"}");

        Schema schema = registry(Map.of()).byId(5);

        assertThat(schema.getField("p").schema().getName()).isEqualTo("P");
        assertThat(stub.lines()).containsExactly("GET /schemas/ids/5", "GET /subjects/part/versions/2");
    }

    @Test
    void a_schema_of_another_kind_is_unreadable() {
        stub.answers(200, "{\"schemaType\":\"PROTOBUF\",\"schema\":\"syntax = 'proto3';\"}");

        assertThatThrownBy(() -> registry(Map.of()).byId(5))
                .isInstanceOf(UnreadableRecordException.class)
                .hasMessageContainingAll("id 5", "PROTOBUF", "AVRO");
    }

    @Test
    void an_id_that_the_registry_does_not_know_is_the_records_fault() {
        stub.answers(404, UNKNOWN_SCHEMA);

        assertThatThrownBy(() -> registry(Map.of()).byId(7))
                .isInstanceOf(UnreadableRecordException.class)
                .hasMessageContainingAll(stub.url(), "id 7", "Schema 7 not found");
    }

    @Test
    void a_404_of_something_that_is_no_registry_is_not_the_records_fault() {
        stub.answers(404, "<html>nothing here</html>");

        assertThatThrownBy(() -> registry(Map.of()).byId(7))
                .isInstanceOf(RegistryRefusedException.class)
                .hasMessageContainingAll(stub.url(), "/schemas/ids/7", "schema.registry.url", "ccompat/v7");
    }

    @Test
    void a_subject_without_the_schema_is_refused_and_says_how_to_register() {
        stub.answers(404, "{\"error_code\":40403,\"message\":\"Schema not found\"}");

        assertThatThrownBy(() -> registry(Map.of()).idOf("outcomes-value", SCHEMA))
                .isInstanceOf(RegistryRefusedException.class)
                .hasMessageContainingAll(
                        stub.url(),
                        "dev.understudy.avro.Outcome",
                        "subject outcomes-value",
                        "auto.register.schemas=true");
    }

    @Test
    void an_incompatible_schema_is_refused_with_what_the_registry_says() {
        stub.answers(409, "{\"error_code\":409,\"message\":\"READER_FIELD_MISSING_DEFAULT_VALUE\"}");

        assertThatThrownBy(() -> registry(Map.of()).register("outcomes-value", SCHEMA))
                .isInstanceOf(RegistryRefusedException.class)
                .hasMessageContainingAll("outcomes-value", "incompatible", "READER_FIELD_MISSING_DEFAULT_VALUE");
        assertThat(stub.asked()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403})
    void wrong_credentials_are_never_tried_again(int status) {
        stub.answers(status, "{\"error_code\":" + status + ",\"message\":\"no\"}");

        assertThatThrownBy(() -> registry(Map.of()).register("outcomes-value", SCHEMA))
                .isInstanceOf(RegistryRefusedException.class)
                .hasMessageContainingAll(stub.url(), "status " + status, "outcomes-value");
        assertThat(stub.asked()).hasSize(1);
        assertThat(waits).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {408, 429, 500, 502, 503})
    void a_passing_trouble_is_waited_out(int status) {
        stub.answers(status, "later").answers(status, "later").answers(200, "{\"id\":4}");

        assertThat(registry(Map.of()).register("s", SCHEMA)).isEqualTo(4);

        assertThat(waits).containsExactly(Duration.ofMillis(250), Duration.ofMillis(500));
    }

    @Test
    void a_trouble_that_does_not_pass_is_unavailability_that_says_where() {
        stub.answers(503, "maintenance");

        assertThatThrownBy(() -> registry(Map.of("max.retries", "2")).byId(9))
                .isInstanceOf(RegistryUnavailableException.class)
                .hasMessageContainingAll("unreachable", "id 9", "3 attempts", stub.url(), "503 maintenance");
        assertThat(stub.asked()).hasSize(3);
    }

    @Test
    void waits_grow_up_to_the_longest() {
        stub.answers(503, "");

        assertThatThrownBy(() -> registry(Map.of(
                                "max.retries", 5,
                                "retries.wait.ms", 100,
                                "retries.max.wait.ms", 300))
                        .byId(9))
                .isInstanceOf(RegistryUnavailableException.class);
        assertThat(waits).extracting(Duration::toMillis).containsExactly(100L, 200L, 300L, 300L, 300L);
    }

    @Test
    void a_registry_that_does_not_run_is_named() throws IOException {
        int port = freePort();

        assertThatThrownBy(() -> registry(Map.of("schema.registry.url", "http://localhost:" + port, "max.retries", 0))
                        .register("outcomes-value", SCHEMA))
                .isInstanceOf(RegistryUnavailableException.class)
                .hasMessageContainingAll(
                        "schema registry unreachable",
                        "outcomes-value",
                        "1 attempt:",
                        "http://localhost:" + port,
                        "connection refused",
                        "schema.registry.url");
    }

    @Test
    void a_host_that_nobody_knows_is_named() {
        assertThatThrownBy(
                        () -> registry(Map.of("schema.registry.url", "http://no-such-host.invalid", "max.retries", 0))
                                .byId(1))
                .isInstanceOf(RegistryUnavailableException.class)
                .hasMessageContainingAll("http://no-such-host.invalid", "unknown host");
    }

    @Test
    void a_registry_that_hangs_is_unavailable() {
        stub.hangs();

        assertThatThrownBy(() -> registry(Map.of("http.read.timeout.ms", 150, "max.retries", 0))
                        .byId(1))
                .isInstanceOf(RegistryUnavailableException.class)
                .hasMessageContainingAll(stub.url(), "no answer within 150 ms");
    }

    @Test
    void a_registry_that_stops_in_the_middle_of_an_answer_is_unavailable() {
        stub.stalls();

        assertThatThrownBy(() -> registry(
                                Map.of("http.connect.timeout.ms", 100, "http.read.timeout.ms", 150, "max.retries", 0))
                        .byId(1))
                .isInstanceOf(RegistryUnavailableException.class)
                .hasMessageContainingAll(stub.url(), "no whole answer within 250 ms");
    }

    @Test
    void the_next_url_is_asked_at_once_and_stays_preferred() throws IOException {
        stub.answers(200, "{\"id\":4}");
        HttpRegistry registry =
                registry(Map.of("schema.registry.url", "http://localhost:" + freePort() + "," + stub.url() + "/"));

        assertThat(registry.register("a", SCHEMA)).isEqualTo(4);
        assertThat(registry.register("b", SCHEMA)).isEqualTo(4);

        assertThat(waits).isEmpty();
        assertThat(stub.lines()).containsExactly("POST /subjects/a/versions", "POST /subjects/b/versions");
    }

    @Test
    void an_answer_of_something_else_is_refused_with_the_url_that_would_be_right() {
        stub.answers(200, "<html>welcome</html>");

        assertThatThrownBy(() -> registry(Map.of()).register("a", SCHEMA))
                .isInstanceOf(RegistryRefusedException.class)
                .hasMessageContainingAll(stub.url(), "does not answer like a schema registry", "welcome");
    }

    @Test
    void an_answer_without_an_id_is_refused() {
        stub.answers(200, "{}");

        assertThatThrownBy(() -> registry(Map.of()).register("a", SCHEMA))
                .isInstanceOf(RegistryRefusedException.class)
                .hasMessageContaining("no 'id'");
    }

    @Test
    void basic_credentials_are_sent_from_the_user_info() {
        stub.answers(200, "{\"id\":4}");

        registry(Map.of("basic.auth.credentials.source", "USER_INFO", "basic.auth.user.info", "ann:secret"))
                .register("a", SCHEMA);

        // base64 of ann:secret
        assertThat(stub.asked().get(0).authorization()).isEqualTo("Basic YW5uOnNlY3JldA==");
    }

    @Test
    void basic_credentials_in_the_url_are_sent_and_never_shown() {
        stub.answers(503, "");
        String url = stub.url().replace("http://", "http://ann:secret@");

        assertThatThrownBy(() -> registry(Map.of("schema.registry.url", url, "max.retries", 0))
                        .byId(1))
                .isInstanceOf(RegistryUnavailableException.class)
                .hasMessageNotContaining("secret");
        assertThat(stub.asked().get(0).authorization()).isEqualTo("Basic YW5uOnNlY3JldA==");
    }

    @Test
    void a_bearer_token_and_further_headers_are_sent() {
        stub.answers(200, "{\"id\":4}");

        registry(Map.of(
                        "bearer.auth.credentials.source",
                        "STATIC_TOKEN",
                        "schema.registry.bearer.auth.token",
                        "t0k3n",
                        "request.header.X-Team",
                        "risk"))
                .register("a", SCHEMA);

        assertThat(stub.asked().get(0).authorization()).isEqualTo("Bearer t0k3n");
        assertThat(stub.asked().get(0).extra()).isEqualTo("risk");
    }

    @Test
    void wrong_settings_are_refused_by_their_key() {
        assertThatThrownBy(() -> new HttpRegistry(Map.of()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("schema.registry.url");
        assertThatThrownBy(() -> registry(Map.of("schema.registry.url", "localhost:8081")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContainingAll("schema.registry.url", "localhost:8081", "http://");
        assertThatThrownBy(() -> registry(Map.of("schema.registry.url", "mock://test")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("mock://test");
        assertThatThrownBy(() -> registry(Map.of("max.retries", "-1")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContainingAll("max.retries", "-1");
        assertThatThrownBy(() -> registry(Map.of("http.read.timeout.ms", "soon")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContainingAll("http.read.timeout.ms", "soon");
        assertThatThrownBy(() -> registry(Map.of("basic.auth.credentials.source", "SASL_INHERIT")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContainingAll("basic.auth.credentials.source", "SASL_INHERIT", "USER_INFO");
        assertThatThrownBy(() -> registry(Map.of("bearer.auth.credentials.source", "OAUTHBEARER")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContainingAll("OAUTHBEARER", "STATIC_TOKEN");
        assertThatThrownBy(() -> registry(Map.of("schema.registry.ssl.truststore.location", "/no/such/file.p12")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContainingAll("ssl.truststore.location", "/no/such/file.p12");
    }

    @Test
    void an_interrupted_wait_ends_and_stays_interrupted() {
        stub.answers(503, "");
        RegistrySettings settings = RegistrySettings.parse(Map.of("schema.registry.url", stub.url()));
        HttpRegistry registry = new HttpRegistry(settings, duration -> {
            throw new InterruptedException();
        });

        assertThatThrownBy(() -> registry.byId(1)).isInstanceOf(RegistryUnavailableException.class);
        assertThat(Thread.interrupted()).isTrue();
    }

    private HttpRegistry registry(Map<String, ?> further) {
        Map<String, Object> configuration = new HashMap<>(Map.of("schema.registry.url", stub.url()));
        configuration.putAll(further);
        return new HttpRegistry(RegistrySettings.parse(configuration), waits::add);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static String json(String field, String value) {
        return new ObjectMapper().createObjectNode().put(field, value).toString();
    }

    private static Schema schemaIn(String body) {
        try {
            return new Schema.Parser()
                    .parse(new ObjectMapper().readTree(body).path("schema").asText());
        } catch (IOException e) {
            throw new AssertionError(body, e);
        }
    }
}
