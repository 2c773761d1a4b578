package dev.understudy.model.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.domain.FeatureMap;
import dev.understudy.domain.FeatureValue;
import dev.understudy.domain.RowResult;
import dev.understudy.model.ModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a model may not do beyond computing: bring code of its own, open other files, set its session's options. */
final class UntrustedModelsTest {
    private static final int OPERATOR_SET = 8;
    private static final int METADATA = 14;
    private static final String LIBRARY = "libcustom_ops.so";

    @TempDir
    Path root;

    private Path version;

    @BeforeEach
    void make_a_version() throws IOException {
        version = Files.createDirectories(root.resolve("wine/v1"));
    }

    @Test
    void operator_of_a_custom_domain_is_refused_by_name() throws Exception {
        OnnxBytes node = OnnxBytes.node("Sniff", "x", "y").field(7, "com.example.custom");
        write(model(node).field(OPERATOR_SET, operatorSet("com.example.custom")));

        assertThatThrownBy(this::open)
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("model.onnx cannot be loaded")
                .hasMessageContaining("com.example.custom:Sniff");
    }

    @Test
    void operator_that_onnx_does_not_know_is_refused_by_name() throws Exception {
        write(model(OnnxBytes.node("Sniff", "x", "y")));

        assertThatThrownBy(this::open)
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("model.onnx cannot be loaded")
                .hasMessageContaining("Sniff");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "custom_ops: %s",
                "custom-op-library: %s",
                "session.custom_ops_library: %s",
                "session-options: {custom_op_library_path: %s}",
                "description: %s",
                "features: [%s]",
                "inputs: {x: [%s]}",
                "score: %s",
                "label: %s",
                "positive: %s",
                "classes: [%s, b]",
                "task: %s",
                "missing: %s",
                "sha256: %s"
            })
    @EnabledOnOs(value = OS.LINUX, disabledReason = "what is loaded is read from /proc/self/maps")
    void library_in_the_directory_of_a_version_is_not_loaded_whatever_the_card_says(String card) throws Exception {
        Path library = Files.copy(anyLibrary(), version.resolve(LIBRARY));
        Files.writeString(version.resolve("model.yaml"), card.formatted(library) + "\n");
        write(model(OnnxBytes.node("Identity", "x", "y"))
                .field(METADATA, entry("custom_op_library", library.toString()))
                .field(METADATA, entry("session.custom_ops_library", library.toString())));

        try (OnnxModel model = open()) {
            assertThat(model.version().name()).isEqualTo("v1");
            assertThat(mappedFiles()).noneMatch(line -> line.contains(LIBRARY));
        } catch (ModelException refusedForItsCard) {
            assertThat(card).isNotEmpty();
            assertThat(refusedForItsCard).hasMessageContaining("model.yaml");
            assertThat(mappedFiles()).noneMatch(line -> line.contains(LIBRARY));
        }
    }

    @Test
    void options_of_the_session_that_a_model_names_are_not_taken() throws Exception {
        Path written = Files.createDirectories(root.resolve("written"));
        write(model(OnnxBytes.node("Identity", "x", "y"))
                .field(
                        METADATA,
                        entry(
                                "ort_config",
                                "{\"session_options\": {\"enable_profiling\": 1, \"intra_op_num_threads\": 64,"
                                        + " \"profile_file_prefix\": \"" + written.resolve("profile")
                                        + "\", \"optimized_model_filepath\": \"" + written.resolve("optimized.onnx")
                                        + "\"}}"))
                .field(METADATA, entry("session.load_model_format", "ORT"))
                .field(
                        METADATA,
                        entry(
                                "session.optimized_model_filepath",
                                written.resolve("o.onnx").toString()))
                .field(METADATA, entry("ep.context_enable", "1"))
                .field(
                        METADATA,
                        entry(
                                "ep.context_file_path",
                                written.resolve("context.onnx").toString())));

        try (OnnxModel model = open()) {
            RowResult row = model.score(List.of(new FeatureMap(Map.of("x", new FeatureValue.Vector(new double[] {3})))))
                    .results()
                    .get(0);
            assertThat(row).isInstanceOf(RowResult.Scored.class);
        }
        try (Stream<Path> files = Files.list(written)) {
            assertThat(files).isEmpty();
        }
        try (Stream<Path> files = Files.list(Path.of(""))) {
            assertThat(files.map(Path::toString)).noneMatch(name -> name.startsWith("onnxruntime_profile"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/etc/passwd", "../../../secret.bin", "context.bin"})
    void compiled_context_of_an_execution_provider_is_refused_and_its_file_is_not_opened(String file) throws Exception {
        OnnxBytes node = OnnxBytes.node("EPContext", "x", "y")
                .field(7, "com.microsoft")
                .field(5, text("ep_cache_context", file))
                .field(5, OnnxBytes.attribute("embed_mode", 0))
                .field(5, OnnxBytes.attribute("main_context", 1))
                .field(5, text("source", "QNN"));
        write(model(node).field(OPERATOR_SET, operatorSet("com.microsoft")));

        assertThatThrownBy(this::open)
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("model.onnx cannot be loaded")
                .hasMessageContaining("EPContext");
    }

    private OnnxModel open() throws ModelException {
        return OnnxModel.open(version, OnnxSettings.strict());
    }

    private void write(OnnxBytes model) throws IOException {
        Files.write(version.resolve(OnnxModel.FILE_NAME), model.toByteArray());
    }

    /** One node from input x to output y, of one float for each row. */
    private static OnnxBytes model(OnnxBytes node) {
        OnnxBytes graph = OnnxBytes.message()
                .field(2, "graph")
                .field(1, node)
                .field(11, OnnxBytes.floats("x", 1))
                .field(12, OnnxBytes.floats("y", 1));
        return OnnxBytes.message()
                .field(1, 8)
                .field(OPERATOR_SET, operatorSet("").field(2, 17))
                .field(7, graph);
    }

    private static OnnxBytes operatorSet(String domain) {
        return OnnxBytes.message().field(1, domain).field(2, 1);
    }

    private static OnnxBytes entry(String key, String value) {
        return OnnxBytes.message().field(1, key).field(2, value);
    }

    private static OnnxBytes text(String name, String value) {
        return OnnxBytes.message().field(1, name).field(4, value).field(20, 3);
    }

    /** A real library, so that it could be loaded. */
    private static Path anyLibrary() throws IOException {
        try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.home"), "lib"))) {
            return files.filter(file -> file.toString().endsWith(".so"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static List<String> mappedFiles() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/maps"));
    }
}
