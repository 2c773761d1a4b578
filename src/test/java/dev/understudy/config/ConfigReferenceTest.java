package dev.understudy.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ConfigReferenceTest {
    private static final YAMLMapper YAML = new YAMLMapper();

    @TempDir
    Path folder;

    private final ConfigLoader loader = new ConfigLoader(Map.of());
    private final Schema schema = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
            .getSchema(loader.reference().schema());

    private List<String> problems(String yaml) throws IOException {
        return schema.validate(YAML.readTree(yaml)).stream()
                .map(Object::toString)
                .toList();
    }

    @Test
    void the_documented_keys_are_those_that_there_are() throws IOException {
        assertThat(Files.readString(Path.of("docs/configuration.md")))
                .as("docs/configuration.md ends with what `understudy config reference` prints")
                .endsWith(loader.reference().markdown());
    }

    @ParameterizedTest
    @ValueSource(strings = {"understudy.yaml", "src/main/resources/understudy-defaults.yaml"})
    void editors_take_what_the_loader_takes(String file) throws IOException {
        assertThat(problems(Files.readString(Path.of(file)))).isEmpty();
        loader.load(Path.of(file));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "kafka: {partitons: 3}",
                "kafka: {partitions: three}",
                "evaluate: {window: 1 minute}",
                "flags: {source: consul}",
                "flags: {on-unavailable: never}",
                "page: {enabled: 1}",
                "readiness: {margins: {flips: much}}",
                "readiness: {margins: {flipps: 0.1}}",
                "readiness: {gates: [errors, speed]}",
                "colour: red"
            })
    void editors_refuse_what_the_loader_refuses(String yaml) throws IOException {
        assertThat(problems(yaml)).as(yaml).isNotEmpty();
        Path file = Files.writeString(folder.resolve("understudy.yaml"), yaml);
        assertThatThrownBy(() -> loader.load(file)).isInstanceOf(ConfigurationException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "kafka: {properties: {security.protocol: SSL, max.poll.records: 5}}",
                "page: {token-file: token}",
                "kafka:",
                "evaluate: {window: PT1M}",
                "readiness: {value-bound: 10, holds: {'5': 1h}}",
                "flags: {on-unavailable: default, launchdarkly: {sdk-key-file: null}}",
                "evaluate: {segments: {region: [eu, us]}}"
            })
    void editors_and_loader_take_these(String yaml) throws IOException {
        assertThat(problems(yaml)).as(yaml).isEmpty();
        loader.load(Files.writeString(folder.resolve("understudy.yaml"), yaml));
    }

    @Test
    void a_setting_says_where_it_comes_from_and_hides_what_may_be_secret() throws IOException {
        Path file = Files.writeString(folder.resolve("understudy.yaml"), """
                kafka:
                  bootstrap-servers: broker:9093
                  properties:
                    security.protocol: SASL_SSL
                    sasl.jaas.config: planted-1
                    consumer.ssl.key.password: planted-2
                    producer.ssl.truststore.location: /etc/trust
                    my.own.token: planted-3
                registry:
                  urls: ["http://user:planted-4@registry:8081"]
                  properties: {basic.auth.user.info: planted-5}
                """);
        List<Setting> settings = new ConfigLoader(Map.of("UNDERSTUDY_PAGE_PORT", "9090")).settings(file);

        assertThat(settings)
                .contains(new Setting("kafka.bootstrap-servers", "broker:9093", file.toString()))
                .contains(new Setting("page.port", "9090", "UNDERSTUDY_PAGE_PORT"))
                .contains(new Setting("score.threads", "1", "the defaults"));
        assertThat(settings.toString())
                .contains("\"security.protocol\":\"SASL_SSL\"", "\"producer.ssl.truststore.location\":\"/etc/trust\"")
                .contains("http://(not shown)@registry:8081")
                .doesNotContain("planted");
    }

    @ParameterizedTest
    @ValueSource(strings = {"UNDERSTUDY", "UNDERSTUDY_SCORE", "UNDERSTUDY_PAGE", "UNDERSTUDY_KAFKA_2"})
    void what_kubernetes_sets_for_a_service_whose_name_begins_with_ours_overrides_nothing(String service) {
        Map<String, String> variables = Map.of(
                service + "_SERVICE_HOST", "10.0.0.1",
                service + "_SERVICE_PORT", "80",
                service + "_SERVICE_PORT_HTTP", "80",
                service + "_PORT", "tcp://10.0.0.1:80",
                service + "_PORT_80_TCP", "tcp://10.0.0.1:80",
                service + "_PORT_80_TCP_ADDR", "10.0.0.1",
                service + "_PORT_80_TCP_PORT", "80",
                service + "_PORT_80_TCP_PROTO", "tcp",
                service + "_PORT_53_UDP", "udp://10.0.0.1:53");

        assertThat(new ConfigLoader(variables).settings(null)).noneMatch(Setting::isSet);
    }

    @Test
    void a_variable_that_is_neither_a_key_nor_a_services_is_refused() {
        for (Map.Entry<String, String> variable : Map.of(
                        "UNDERSTUDY_SERVICE", "x", "UNDERSTUDY_PAGGE_PORT", "9090", "UNDERSTUDY_PORT_80_HTTP", "80")
                .entrySet()) {
            assertThatThrownBy(() -> new ConfigLoader(Map.ofEntries(variable)).settings(null))
                    .hasMessageContaining(variable.getKey() + " overrides no key");
        }
    }

    @Test
    void a_refused_url_is_shown_without_its_user() throws IOException {
        Path file = Files.writeString(
                folder.resolve("understudy.yaml"), "registry: {urls: ['ftp://user:planted@more@registry:8081']}");
        assertThatThrownBy(() -> loader.load(file))
                .hasMessageContaining("ftp://(not shown)@registry:8081")
                .hasMessageNotContaining("planted")
                .hasMessageNotContaining("more");
    }

    @Test
    void every_path_is_taken_from_the_folder_of_the_file() throws IOException {
        JsonNode paths = YAML.readTree("""
                model: {directory: a}
                kafka: {state-directory: a, properties-file: a}
                registry: {username: u, password-file: a, properties-file: a}
                flags:
                  file: a
                  launchdarkly: {sdk-key-file: a, backup-file: a}
                  unleash: {token-file: a, backup-file: a}
                  flagsmith: {environment-key-file: a, backup-file: a}
                page: {token-file: a}
                """);
        Path file = Files.writeString(folder.resolve("understudy.yaml"), YAML.writeValueAsString(paths));
        List<Setting> settings = loader.settings(file);

        assertThat(settings.stream()
                        .filter(setting -> setting.isSet() && !setting.key().equals("registry.username"))
                        .map(Setting::value))
                .hasSize(13)
                .allMatch(folder.resolve("a").toString()::equals);
        assertThat(loader.reference().markdown().lines().filter(line -> line.contains(" | path | ")))
                .as("keys that are paths; this test has all but registry.bearer-token-file, which excludes another one")
                .hasSize(14);
    }
}
