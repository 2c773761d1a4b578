package dev.understudy.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
                "score: {hang-limit: 5 parsecs} | a duration such as 250ms, 10s, 5m, 24h or 7d is expected, was '5 parsecs'",
                "evaluate: {window: 0s} | evaluate.window must be positive, was 0s",
                "score: {guarantee: maybe} | score.guarantee must be one of [at_least_once, exactly_once_v2], was 'maybe'",
                "score: 3 | score must be a mapping",
                "model: {name: ../x} | model.name must be a plain folder name, was '../x'",
                "registry: {urls: []} | registry.urls must be at least one URL",
                "registry: {username: ann} | registry.username must be given together with registry.password-file",
                "flags: {source: launchdarkly} | flags.launchdarkly.sdk-key-file must be a file with the SDK key",
                "readiness: {margins: {flips: 2}} | readiness.margins.flips must be 0 to 1, was 2.0",
                "shadow: {like-for-like-share: 1.5} | shadow.like-for-like-share must be 0 to 1, was 1.5",
                "model: {name: a, name: b} | Duplicate",
                "[1 | not valid YAML",
                "score: {linger: } | score.linger has no value"
            })
    void bad_configuration_names_the_key_the_value_and_what_would_be_right(String yaml, String message)
            throws IOException {
        Path file = write(yaml);
        assertThatThrownBy(() -> new ConfigLoader(Map.of()).load(file))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining(message);
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
