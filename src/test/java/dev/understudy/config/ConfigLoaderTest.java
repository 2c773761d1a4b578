package dev.understudy.config;

import static org.assertj.core.api.Assertions.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import dev.understudy.domain.DurationText;
import dev.understudy.readiness.Better;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ConfigLoaderTest {
    @TempDir
    Path folder;

    @Test
    void file_overlays_the_defaults_and_its_paths_are_relative_to_its_folder() throws IOException {
        UnderstudyConfig config = load("""
                model: {name: churn}
                kafka:
                  bootstrap-servers: b1:9092,b2:9092
                  properties: {security.protocol: SSL, retries: 3}
                evaluate: {window: 10s, segments: {region: [eu, us]}}
                """);
        assertThat(config.model().name()).isEqualTo("churn");
        assertThat(config.model().directory()).isEqualTo(folder.resolve("models"));
        assertThat(config.kafka().bootstrapServers()).isEqualTo("b1:9092,b2:9092");
        assertThat(config.kafka().properties()).isEqualTo(Map.of("security.protocol", "SSL", "retries", "3"));
        assertThat(config.evaluate().window()).isEqualTo(Duration.ofSeconds(10));
        assertThat(config.evaluate().segments()).isEqualTo(Map.of("region", List.of("eu", "us")));
        assertThat(config.evaluate().grace()).isEqualTo(Duration.ofMinutes(5));
    }

    @Test
    void shadow_keys_are_read() throws IOException {
        UnderstudyConfig.Shadow shadow =
                load("shadow: {like-for-like-share: 1, disagreement-features: [amount, hour]}\n")
                        .shadow();
        assertThat(shadow.likeForLikeShare()).isEqualTo(1);
        assertThat(shadow.disagreementFeatures()).containsExactly("amount", "hour");
        UnderstudyConfig.Shadow standard = load("").shadow();
        assertThat(standard.likeForLikeShare()).isEqualTo(0.1);
        assertThat(standard.disagreementFeatures()).isEmpty();
    }

    @Test
    void empty_file_means_the_defaults() throws IOException {
        assertThat(load("# nothing\n").score())
                .isEqualTo(new ConfigLoader(Map.of()).loadDefaults().score());
    }

    @Test
    void environment_overrides_the_file() throws IOException {
        Path file = write("score: {threads: 2}\n");
        UnderstudyConfig config = new ConfigLoader(Map.of("UNDERSTUDY_SCORE_THREADS", "3", "PATH", "/bin")).load(file);
        assertThat(config.score().threads()).isEqualTo(3);
    }

    @Test
    void environment_variable_that_overrides_nothing_is_refused() {
        assertThatThrownBy(() -> new ConfigLoader(Map.of("UNDERSTUDY_SCORE_THREAD", "3")).loadDefaults())
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("UNDERSTUDY_SCORE_THREAD ")
                .hasMessageContaining("did you mean 'UNDERSTUDY_SCORE_THREADS'?");
    }

    @Test
    void token_that_may_change_flags_is_no_key_and_is_not_shown() {
        ConfigLoader loader = new ConfigLoader(Map.of("UNDERSTUDY_FLAGS_WRITE_TOKEN", "open-sesame"));
        assertThat(loader.loadDefaults().toString()).doesNotContain("sesame");
        assertThat(loader.writeToken()).hasValueSatisfying(token -> {
            assertThat(token.secret()).isEqualTo("open-sesame");
            assertThat(token.toString()).doesNotContain("sesame");
        });
        assertThat(new ConfigLoader(Map.of()).writeToken()).isEmpty();
        assertThatThrownBy(() -> new ConfigLoader(Map.of("UNDERSTUDY_FLAGS_WRITE_TOKEN", "open sesame")).writeToken())
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("UNDERSTUDY_FLAGS_WRITE_TOKEN must be a token")
                .hasMessageNotContaining("sesame");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "score: {thread: 1} | unknown key 'score.thread'; did you mean 'score.threads'?",
                "kafka: {bootstrap.servers: x} | did you mean 'kafka.bootstrap-servers'?",
                "modle: {} | did you mean 'model'?",
                "score: {threads: 0} | score.threads must be at least 1, was 0",
                "score: {threads: two} | score.threads must be a whole number, was 'two'",
                "score: {hang-limit: 5 parsecs} | score.hang-limit must be a duration such as 250ms, 10s, 5m, 24h or 7d (at most 36500d), was '5 parsecs'",
                "evaluate: {window: 0s} | evaluate.window must be positive, was 0s",
                "score: {guarantee: maybe} | score.guarantee must be one of [at_least_once, exactly_once_v2], was 'maybe'",
                "score: 3 | score must be a mapping",
                "model: {name: ../x} | model.name must be 1 to 64 letters, ",
                "model: {name: aux} | are no device of Windows such as CON, was 'aux'",
                "model: {default-version: v1.} | model.default-version must be 1 to 64 letters, ",
                "registry: {urls: []} | registry.urls must be at least one URL",
                "registry: {username: ann} | registry.username must be given together with registry.password-file",
                "flags: {source: launchdarkly} | flags.launchdarkly.sdk-key-file must be a file with the SDK key",
                "flags: {source: unleash} | flags.unleash.url must be the URL of the server",
                "flags: {source: unleash, unleash: {url: 'http://u:4242'}} | flags.unleash.token-file must be a file",
                "flags: {source: flagsmith} | flags.flagsmith.environment-key-file must be a file",
                "flags: {on-unavailable: never} | flags.on-unavailable must be one of [fail, last-known, default], was 'never'",
                "flags: {on-unavailable: last-known} | flags.on-unavailable must be fail or default when flags.source is file, of which no copy is kept, was last-known",
                "flags: {source: flagsmith, on-unavailable: last-known, flagsmith: {environment-key-file: key}} | flags.flagsmith.backup-file must be a file that keeps the flags when flags.on-unavailable is last-known",
                "readiness: {margins: {flips: 2}} | readiness.margins.flips must be 0 to 1, was 2.0",
                "shadow: {like-for-like-share: 1.5} | shadow.like-for-like-share must be 0 to 1, was 1.5",
                "readiness: {alpha: 2.0} | readiness.alpha must be above 0 and below 0.5, was 2.0",
                "readiness: {alpha: .nan} | '.nan' is not a finite number",
                "readiness: {gates: [null]} | readiness.gates[0] has no value",
                "readiness: {gates: errors} | readiness.gates must be a list such as [a, b], was 'errors'",
                "readiness: {gates: [eror]} | unknown gate 'eror'; did you mean 'errors'? The gates are errors, ",
                "readiness: {margins: {flips: null}} | readiness.margins.flips has no value",
                "readiness: {margins: {flips: high}} | readiness.margins.flips must be a number, was 'high'",
                "readiness: {margins: [flips]} | readiness.margins must be a mapping, was ['flips']",
                "readiness: {better: {reading: on}} | readiness.better.reading must be one of [off, points, relative], was 'on'",
                "readiness: {better: {reading: 0}} | readiness.better.reading must be one of [off, points, relative], was 0",
                "kafka: {partitions: 1.5} | kafka.partitions must be a whole number, was 1.5",
                "kafka: {partitions: 99999999999} | kafka.partitions must be at most 2147483647, was 99999999999",
                "kafka: {partitions: '6'} | kafka.partitions must be a whole number without quotes, was '6'",
                "kafka: {bootstrap-servers: [a, b]} | kafka.bootstrap-servers must be a text, was ['a','b']",
                "kafka: {properties: {security: {protocol: SSL}}} | kafka.properties.security must be a text, a number or a boolean",
                "kafka: {state-directory: 5} | kafka.state-directory must be a path, was 5",
                "registry: {urls: ['http://a b']} | registry.urls[0] must be a URL such as http://localhost:8081, was 'http://a b'",
                "registry: {auto-register: maybe} | registry.auto-register must be true or false, was 'maybe'",
                "evaluate: {segments: {region: eu}} | evaluate.segments.region must be a list such as [a, b], was 'eu'",
                "evaluate: {segments: {region: [{a: 1}]}} | evaluate.segments.region[0] must be a text, was {'a':1}",
                "evaluate: {window: 10} | evaluate.window must be a duration such as 250ms, 10s, 5m, 24h or 7d (at most 36500d), was 10",
                "evaluate: {window: [10s]} | evaluate.window must be a duration",
                "evaluate: {window: 999999999999d} | evaluate.window must be a duration",
                "evaluate: {window: PT0.0001S} | evaluate.window must be positive, was 0s",
                "flags: {keys: {serving: null}} | flags.keys.serving has no value",
                "[a] | a mapping of keys to values is expected, such as 'model: {name: fraud}', but it holds a list",
                "model: {name: a, name: b} | yaml:1:22: the key 'name' is given twice",
                "[1 | yaml:2:1: not valid YAML: expected ',' or ']', but got <stream end>",
                "model: name: a | yaml:1:12: not valid YAML: mapping values are not allowed here",
                "? [a] | not valid YAML: a key must be a plain text",
                "score: {linger: } | score.linger has no value"
            })
    void bad_configuration_names_the_key_the_value_and_what_would_be_right(String yaml, String message)
            throws IOException {
        Path file = write(yaml + "\n");
        assertThatThrownBy(() -> new ConfigLoader(Map.of()).load(file))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(file.toString())
                .extracting(e -> String.valueOf(e.getMessage()).replace('"', '\''), as(STRING))
                .contains(message)
                .doesNotContain("com.fasterxml", "org.yaml", "dev.understudy", "java.", "Source:", "\n");
    }

    @Test
    void tab_is_found_by_line_and_column() throws IOException {
        Path file = write("model:\n\tname: a\n");
        assertThatThrownBy(() -> new ConfigLoader(Map.of()).load(file))
                .hasMessageStartingWith(file + ":2:1: not valid YAML: found character '\\t(TAB)'")
                .hasMessageNotContaining("\n");
    }

    @Test
    void second_document_is_not_passed_over() throws IOException {
        Path file = write("model: {name: a}\n---\nmodel: {name: b}\n");
        assertThatThrownBy(() -> new ConfigLoader(Map.of()).load(file))
                .hasMessageContaining("more than one YAML document");
    }

    @Test
    void words_that_yaml_takes_for_booleans_are_words_where_words_are_expected() throws IOException {
        UnderstudyConfig config = load("""
                registry: {auto-register: no}
                evaluate: {segments: {country: [no, se]}}
                readiness: {better: {reading: off}}
                """);
        assertThat(config.registry().autoRegister()).isFalse();
        assertThat(config.evaluate().segments()).isEqualTo(Map.of("country", List.of("no", "se")));
        assertThat(config.readiness().better().reading()).isEqualTo(Better.Reading.OFF);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "UNDERSTUDY_KAFKA_PARTITIONS | x | kafka.partitions must be a whole number, was 'x'",
                "UNDERSTUDY_KAFKA_PARTITIONS | 0 | kafka.partitions must be at least 1, was 0",
                "UNDERSTUDY_KAFKA_PARTITIONS | [1 | kafka.partitions must be a YAML value, was '[1': not valid YAML",
                "UNDERSTUDY_MODEL_NAME | null | model.name has no value",
                "UNDERSTUDY_READINESS_MARGINS | {flips: 3} | readiness.margins.flips must be 0 to 1, was 3.0",
                "UNDERSTUDY_READINESS_BETTER_READING | up | readiness.better.reading must be one of [off, points, relative], was 'up'"
            })
    void wrong_variable_of_the_environment_is_named_and_not_the_file(String variable, String value, String message)
            throws IOException {
        Path file = write("kafka: {partitions: 3}\n");
        assertThatThrownBy(() -> new ConfigLoader(Map.of(variable, value)).load(file))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("environment variable " + variable + ": " + message)
                .hasMessageNotContaining(file.toString());
    }

    @Test
    void variable_that_makes_a_value_of_the_file_wrong_is_named_beside_it() throws IOException {
        Path file = write("outcomes: {maturity: 1h}\n");
        assertThatThrownBy(() -> new ConfigLoader(Map.of("UNDERSTUDY_OUTCOMES_RETENTION", "10m")).load(file))
                .hasMessage(file + ": outcomes.maturity must be at most outcomes.retention, 10m, was 1h (environment"
                        + " variable UNDERSTUDY_OUTCOMES_RETENTION sets outcomes.retention)");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"{password: hunter2", "hunter2", "{password: [hunter2]}"})
    void secrets_among_properties_stand_in_no_message(String value) {
        assertThatThrownBy(() -> new ConfigLoader(Map.of("UNDERSTUDY_KAFKA_PROPERTIES", value)).loadDefaults())
                .hasMessageStartingWith("environment variable UNDERSTUDY_KAFKA_PROPERTIES: kafka.properties")
                .hasMessageNotContaining("hunter2");
    }

    @Test
    void missing_file_is_named() {
        assertThatThrownBy(() -> new ConfigLoader(Map.of()).load(folder.resolve("none.yaml")))
                .hasMessageContaining("none.yaml does not exist");
    }

    @ParameterizedTest
    @CsvSource({"250,250ms", "10000,10s", "300000,5m", "86400000,24h", "604800000,7d", "0,0s", "90000,90s"})
    void durations_are_written_as_they_are_read(long millis, String text) {
        assertThat(DurationText.format(Duration.ofMillis(millis))).isEqualTo(text);
        assertThat(DurationText.parse(text)).isEqualTo(Duration.ofMillis(millis));
    }

    private UnderstudyConfig load(String yaml) throws IOException {
        return new ConfigLoader(Map.of()).load(write(yaml));
    }

    private Path write(String yaml) throws IOException {
        return Files.writeString(folder.resolve("understudy.yaml"), yaml);
    }
}
