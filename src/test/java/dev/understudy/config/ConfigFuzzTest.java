package dev.understudy.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.understudy.fuzz.Fuzz;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged configurations, as a file and as variables of the environment. */
final class ConfigFuzzTest {
    @Test
    void a_damaged_file_is_taken_or_refused(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("understudy.yaml");
        ConfigLoader loader = new ConfigLoader(Map.of());
        Fuzz.of("understudy.yaml", List.of(defaults()), Fuzz.JSON, Set.of(ConfigurationException.class))
                .run(bytes -> {
                    Files.write(file, bytes);
                    loader.load(file);
                    loader.settings(file);
                });
    }

    @Test
    void a_damaged_variable_is_taken_or_refused() throws Exception {
        List<byte[]> good = List.of(
                "UNDERSTUDY_KAFKA_PARTITIONS=6".getBytes(UTF_8),
                "UNDERSTUDY_REGISTRY_URLS=[http://registry:8081]".getBytes(UTF_8),
                "UNDERSTUDY_KAFKA_PROPERTIES={security.protocol: SSL}".getBytes(UTF_8),
                "UNDERSTUDY_EVALUATE_WINDOW=1m".getBytes(UTF_8),
                "UNDERSTUDY_READINESS_GATES=[errors, flips]".getBytes(UTF_8));
        Fuzz.of("variable", good, Fuzz.JSON, Set.of(ConfigurationException.class))
                .run(bytes -> {
                    String[] variable = new String(bytes, UTF_8).split("=", 2);
                    new ConfigLoader(Map.of(variable[0], variable[variable.length - 1])).loadDefaults();
                });
    }

    private static byte[] defaults() throws Exception {
        try (InputStream in = ConfigFuzzTest.class.getResourceAsStream("/understudy-defaults.yaml")) {
            return Objects.requireNonNull(in).readAllBytes();
        }
    }
}
