package dev.understudy.broker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class EmbeddedRegistryTest {
    private static final String V1 = record("{'name':'a','type':'long'}");
    private static final String WITH_OPTIONAL =
            record("{'name':'a','type':'long'},{'name':'b','type':'string','default':''}");
    private static final String WITH_REQUIRED = record("{'name':'a','type':'long'},{'name':'b','type':'string'}");

    private final ObjectMapper json = new ObjectMapper();
    private final HttpClient client = HttpClient.newHttpClient();

    private final EmbeddedRegistry registry;

    EmbeddedRegistryTest(@TempDir Path directory) throws Exception {
        this.registry = EmbeddedRegistry.start(SchemaStore.open(directory.resolve("schemas.jsonl")), 0);
    }

    @AfterEach
    void stop() {
        registry.close();
    }

    @Test
    void registered_schema_is_found_by_id_version_and_content() throws Exception {
        Answer registered = post("/subjects/s/versions", V1);

        assertThat(registered.status()).isEqualTo(200);
        assertThat(registered.contentType()).isEqualTo("application/vnd.schemaregistry.v1+json");
        assertThat(registered.body()).isEqualTo(json.readTree("{\"id\":1}"));
        assertThat(get("/schemas/ids/1").body())
                .isEqualTo(json.createObjectNode().put("schema", V1));
        JsonNode described = json.createObjectNode()
                .put("subject", "s")
                .put("version", 1)
                .put("id", 1)
                .put("schema", V1);
        assertThat(get("/subjects/s/versions/1").body()).isEqualTo(described);
        assertThat(get("/subjects/s/versions/latest").body()).isEqualTo(described);
        assertThat(get("/subjects/s/versions/-1").body()).isEqualTo(described);
        assertThat(post("/subjects/s", V1).body()).isEqualTo(described);
        assertThat(get("/schemas/ids/1/schema").body()).isEqualTo(json.readTree(V1));
        assertThat(get("/subjects/s/versions/1/schema").body()).isEqualTo(json.readTree(V1));
    }

    @Test
    void same_schema_keeps_its_id_in_every_subject_whatever_its_white_space() throws Exception {
        post("/subjects/s/versions", V1);
        String spaced = json.readTree(V1).toPrettyString();

        assertThat(post("/subjects/s/versions", spaced).body().path("id").asInt())
                .isEqualTo(1);
        assertThat(post("/subjects/t/versions", V1).body().path("id").asInt()).isEqualTo(1);
        assertThat(get("/subjects/s/versions").body()).isEqualTo(json.readTree("[1]"));
        assertThat(get("/subjects").body()).isEqualTo(json.readTree("[\"s\",\"t\"]"));
        assertThat(get("/schemas/ids/1/subjects").body()).isEqualTo(json.readTree("[\"s\",\"t\"]"));
        assertThat(get("/schemas/ids/1/versions").body())
                .isEqualTo(json.readTree("[{\"subject\":\"s\",\"version\":1},{\"subject\":\"t\",\"version\":1}]"));
    }

    @Test
    void compatible_change_becomes_the_next_version_with_a_new_id() throws Exception {
        post("/subjects/s/versions", V1);

        assertThat(post("/subjects/s/versions", WITH_OPTIONAL).body().path("id").asInt())
                .isEqualTo(2);
        assertThat(get("/subjects/s/versions").body()).isEqualTo(json.readTree("[1,2]"));
        assertThat(get("/subjects/s/versions/latest").body().path("version").asInt())
                .isEqualTo(2);
    }

    @Test
    void change_that_cannot_read_the_latest_version_is_a_conflict_and_leaves_no_trace() throws Exception {
        post("/subjects/s/versions", V1);

        Answer refused = post("/subjects/s/versions", WITH_REQUIRED);

        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.errorCode()).isEqualTo(409);
        assertThat(refused.message())
                .startsWith("Schema being registered is incompatible with an earlier schema for subject \"s\"")
                .contains("READER_FIELD_MISSING_DEFAULT_VALUE");
        assertThat(get("/subjects/s/versions").body()).isEqualTo(json.readTree("[1]"));
        assertThat(post("/subjects/other/versions", WITH_REQUIRED)
                        .body()
                        .path("id")
                        .asInt())
                .isEqualTo(2);
    }

    @Test
    void backward_compatibility_looks_at_the_latest_version_alone() throws Exception {
        post("/subjects/s/versions", V1);
        post("/subjects/s/versions", WITH_OPTIONAL);

        assertThat(post("/subjects/s/versions", WITH_REQUIRED).status()).isEqualTo(200);
        assertThat(post("/compatibility/subjects/s/versions/1", WITH_REQUIRED).body())
                .isEqualTo(json.readTree("{\"is_compatible\":false}"));
        assertThat(post("/compatibility/subjects/s/versions/latest", WITH_REQUIRED)
                        .body())
                .isEqualTo(json.readTree("{\"is_compatible\":true}"));
    }

    @Test
    void look_up_tells_an_unknown_subject_from_an_unknown_schema() throws Exception {
        post("/subjects/s/versions", V1);

        Answer subject = post("/subjects/none", V1);
        Answer schema = post("/subjects/s", WITH_OPTIONAL);

        assertThat(subject.errorCode()).isEqualTo(40401);
        assertThat(subject.message()).isEqualTo("Subject 'none' not found.");
        assertThat(schema.errorCode()).isEqualTo(40403);
        assertThat(schema.status()).isEqualTo(404);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /schemas/ids/9                   | 404 | 40403 | Schema 9 not found
            /subjects/none/versions          | 404 | 40401 | Subject 'none' not found.
            /subjects/none/versions/1        | 404 | 40401 | Subject 'none' not found.
            /subjects/s/versions/2           | 404 | 40402 | Version 2 not found.
            /subjects/s/versions/0           | 422 | 42202 | The specified version '0' is not a valid version id.
            /subjects/s/versions/newest      | 422 | 42202 | The specified version 'newest' is not a valid version id.
            /config/s                        | 404 | 40408 | Subject 's' does not have subject-level compatibility
            /nothing/here                    | 404 | 404   | HTTP 404 Not Found
            /compatibility/subjects/s/versions/1 | 405 | 405 | HTTP 405 Method Not Allowed
            """, quoteCharacter = '`')
    void errors_carry_the_codes_that_clients_expect(String path, int status, int code, String message)
            throws Exception {
        post("/subjects/s/versions", V1);

        Answer answer = get(path);

        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.errorCode()).isEqualTo(code);
        assertThat(answer.message()).startsWith(message);
        assertThat(answer.contentType()).isEqualTo("application/vnd.schemaregistry.v1+json");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"schema":"{\\"type\\":\\"recor\\"}"}                 | Invalid schema:
            {"schema":"\\"long\\"","schemaType":"PROTOBUF"}       | Invalid schema: schemaType PROTOBUF is not known
            {"schema":"\\"long\\"","references":[{"name":"x"}]}   | Invalid schema: the embedded registry does not know
            {"no":"schema"}                                       | Invalid schema: the body has no text "schema"
            """, quoteCharacter = '`')
    void schema_that_cannot_be_taken_is_refused_with_a_reason(String body, String message) throws Exception {
        Answer answer = postBody("/subjects/s/versions", body);

        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.errorCode()).isEqualTo(42201);
        assertThat(answer.message()).startsWith(message);
        assertThat(get("/subjects").body()).isEmpty();
    }

    @Test
    void body_that_is_no_json_or_too_large_is_refused() throws Exception {
        assertThat(postBody("/subjects/s/versions", "hello").status()).isEqualTo(400);
        assertThat(postBody("/subjects/s/versions", " ".repeat(2_000_000)).status())
                .isEqualTo(413);
    }

    @Test
    void names_in_paths_are_decoded_as_paths_are() throws Exception {
        post("/subjects/a%2Fb+c%20d/versions", V1);

        assertThat(get("/subjects").body().path(0).asText()).isEqualTo("a/b+c d");
        assertThat(get("/subjects/a%2Fb+c%20d/versions/1").status()).isEqualTo(200);
    }

    @Test
    void configuration_says_what_is_enforced() throws Exception {
        assertThat(get("/config").body()).isEqualTo(json.readTree("{\"compatibilityLevel\":\"BACKWARD\"}"));
        assertThat(get("/config/s?defaultToGlobal=true").body())
                .isEqualTo(json.readTree("{\"compatibilityLevel\":\"BACKWARD\"}"));
        assertThat(get("/schemas/types").body()).isEqualTo(json.readTree("[\"AVRO\"]"));
        assertThat(get("/mode").body()).isEqualTo(json.readTree("{\"mode\":\"READWRITE\"}"));
    }

    @Test
    void registrations_at_the_same_time_agree_on_one_id() throws Exception {
        List<CompletableFuture<String>> answers = new ArrayList<>();
        for (int i = 0; i < 32; i++) {
            HttpRequest request = HttpRequest.newBuilder(
                            URI.create(registry.url() + "/subjects/s" + i % 4 + "/versions"))
                    .POST(HttpRequest.BodyPublishers.ofString(
                            json.createObjectNode().put("schema", V1).toString()))
                    .build();
            answers.add(client.sendAsync(request, HttpResponse.BodyHandlers.ofString())
                    .thenApply(HttpResponse::body));
        }

        for (CompletableFuture<String> answer : answers) {
            assertThat(answer.get(20, TimeUnit.SECONDS)).isEqualTo("{\"id\":1}");
        }
        assertThat(get("/subjects/s0/versions").body()).isEqualTo(json.readTree("[1]"));
    }

    private record Answer(int status, JsonNode body, String contentType) {
        int errorCode() {
            return body.path("error_code").asInt();
        }

        String message() {
            return body.path("message").asText();
        }
    }

    private Answer get(String path) throws Exception {
        return send(HttpRequest.newBuilder().GET(), path);
    }

    private Answer post(String path, String schema) throws Exception {
        return postBody(path, json.createObjectNode().put("schema", schema).toString());
    }

    private Answer postBody(String path, String body) throws Exception {
        return send(HttpRequest.newBuilder().POST(HttpRequest.BodyPublishers.ofString(body)), path);
    }

    private Answer send(HttpRequest.Builder request, String path) throws Exception {
        HttpResponse<String> response = client.send(
                request.uri(URI.create(registry.url() + path))
                        .timeout(Duration.ofSeconds(20))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        return new Answer(
                response.statusCode(),
                json.readTree(response.body()),
                response.headers().firstValue("Content-Type").orElse(""));
    }

    private static String record(String fields) {
        return ("{'type':'record','name':'R','fields':[" + fields + "]}").replace('\'', '"');
    }
}
