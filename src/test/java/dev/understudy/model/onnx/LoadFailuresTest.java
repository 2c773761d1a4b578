package dev.understudy.model.onnx;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.domain.ModelVersion;
import dev.understudy.model.ModelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class LoadFailuresTest {
    private static final Path WINE = Expectations.MODELS.resolve("wine/tensor/model.onnx");

    @TempDir
    Path root;

    private Path version;

    @BeforeEach
    void make_a_version() throws Exception {
        version = Files.createDirectories(root.resolve("wine/v1"));
    }

    @Test
    void truncated_file_says_that_a_complete_one_is_expected() throws Exception {
        byte[] whole = Files.readAllBytes(WINE);
        Files.write(version.resolve("model.onnx"), Arrays.copyOf(whole, whole.length / 2));

        assertThatThrownBy(() -> load("v1"))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("wine/v1/model.onnx cannot be loaded")
                .hasMessageContaining("A complete ONNX file");
    }

    @ParameterizedTest
    @ValueSource(strings = {"not a model at all", "<html>404</html>", "\u0000\u0001\u0002"})
    void file_of_another_kind_is_refused(String content) throws Exception {
        Files.writeString(version.resolve("model.onnx"), content);

        assertThatThrownBy(() -> load("v1"))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("wine/v1/model.onnx cannot be loaded");
    }

    @Test
    void empty_file_is_refused() throws Exception {
        Files.createFile(version.resolve("model.onnx"));

        assertThatThrownBy(() -> load("v1"))
                .hasMessageEndingWith("model.onnx is empty; an ONNX model is expected there");
    }

    @Test
    void version_that_is_not_there_names_those_that_are() throws Exception {
        Files.copy(WINE, version.resolve("model.onnx"));
        Files.createDirectories(root.resolve("wine/v10"));
        Files.copy(WINE, root.resolve("wine/v10/model.onnx"));
        Files.createDirectories(root.resolve("wine/v2"));
        Files.copy(WINE, root.resolve("wine/v2/model.onnx"));

        assertThatThrownBy(() -> load("v7")).hasMessageEndingWith("wine has no version 'v7'; it has: v1, v2, v10");
    }

    @Test
    void version_without_a_model_file_says_where_it_is_expected() {
        assertThatThrownBy(() -> load("v1"))
                .hasMessageEndingWith("v1/model.onnx does not exist; the model of version 'v1' is expected there");
    }

    @Test
    void model_that_is_not_there_names_the_one_that_was_meant() throws Exception {
        Files.copy(WINE, version.resolve("model.onnx"));

        assertThatThrownBy(() -> OnnxModelRepository.open(root, "wines", OnnxSettings.pipeline(), Clock.systemUTC()))
                .hasMessageEndingWith("has no model 'wines'; did you mean 'wine'? It has: wine");
        assertThatThrownBy(() -> OnnxModelRepository.open(root, "../wine", OnnxSettings.pipeline(), Clock.systemUTC()))
                .hasMessageStartingWith("'../wine' cannot be the name of a model");
        assertThatThrownBy(() -> OnnxModelRepository.open(
                        root.resolve("nowhere"), "wine", OnnxSettings.pipeline(), Clock.systemUTC()))
                .hasMessageContaining("nowhere does not exist; models are expected in");
    }

    @Test
    void link_that_leaves_the_models_directory_is_refused(@TempDir Path elsewhere) throws Exception {
        Path secret = Files.copy(WINE, elsewhere.resolve("model.onnx"));
        Files.createSymbolicLink(version.resolve("model.onnx"), secret);

        assertThatThrownBy(() -> load("v1"))
                .hasMessageContaining("model.onnx leads to")
                .hasMessageContaining("which is outside");

        Files.createSymbolicLink(root.resolve("wine/v2"), elsewhere);
        assertThatThrownBy(() -> load("v2")).hasMessageContaining("which is outside");
    }

    @Test
    void link_within_the_models_directory_is_followed() throws Exception {
        // Kubernetes mounts volumes this way.
        Path data = Files.createDirectories(root.resolve("wine/..2026"));
        Files.copy(WINE, data.resolve("model.onnx"));
        Files.createSymbolicLink(version.resolve("model.onnx"), data.resolve("model.onnx"));

        assertThat(load("v1").version()).isEqualTo(new ModelVersion("v1"));
    }

    @Test
    void hash_of_the_card_is_held_against_the_file() throws Exception {
        Files.copy(WINE, version.resolve("model.onnx"));
        Files.writeString(version.resolve("model.yaml"), "sha256: \"" + "0".repeat(64) + "\"\n");

        assertThatThrownBy(() -> load("v1"))
                .hasMessageContaining("has the SHA-256 ")
                .hasMessageContaining("model.yaml says 000000")
                .hasMessageContaining("not the one that the card describes");

        String right = Expectations.model("wine/tensor").sha256();
        Files.writeString(version.resolve("model.yaml"), "sha256: " + right.toUpperCase(java.util.Locale.ROOT) + "\n");
        assertThat(load("v1").sha256()).isEqualTo(right);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "treshold: 0.3 | unknown key 'treshold'; did you mean 'threshold'?",
                "task: clustering | task must be one of binary, multiclass, regression, was 'clustering'",
                "threshold: 50 | threshold must be between 0 and 1, was 50.0",
                "threshold: high | threshold must be a number, was 'high'",
                "sha256: abc | sha256 must be 64 hexadecimal digits in quotes, was 'abc'",
                "missing: zero | missing must be one of error, nan, was 'zero'",
                "features: {a: 1} | features must be a list of names",
                "features: [a, a] | features names something twice: [a, a]",
                "features: [a, b] | input 'X' has 13 values per row, but 2 feature names are given",
                "inputs: {Y: [a]} | model.yaml names the input 'Y'; the model's inputs are X",
                "score: loss | model.yaml names the output 'loss' under score; its outputs are label, probabilities",
                "classes: [a, b] | there are 2 classes: [a, b]",
                "task: binary | a binary model has two classes, but there are 3: [0, 1, 2]",
                "positive: malignant | model.yaml says positive: malignant; the classes of this multiclass model are [0, 1, 2]",
                "threshold: 0.5 | which only a binary model with a score has",
                "[1, 2] | a mapping of keys is expected",
                "task: [ | not valid YAML: "
            })
    void card_that_is_wrong_says_what_would_be_right(String card, String message) throws Exception {
        Files.copy(WINE, version.resolve("model.onnx"));
        Files.writeString(version.resolve("model.yaml"), card + "\n");

        assertThatThrownBy(() -> load("v1")).isInstanceOf(ModelException.class).hasMessageContaining(message);
    }

    @Test
    void unsupported_type_names_those_that_are() {
        assertThatThrownBy(() -> Expectations.model("unusable/half_precision"))
                .hasMessageContaining("input 'X' has the element type FLOAT16")
                .hasMessageContaining("float, double, int64, int32, bool and string");
    }

    @Test
    void free_dimension_beside_the_batch_says_how_to_name_the_columns() {
        assertThatThrownBy(() -> Expectations.model("unusable/free_columns"))
                .hasMessageContaining("input 'X' has shape [-1, -1]; only the first dimension may be free")
                .hasMessageContaining("name its columns in model.yaml");
    }

    @Test
    void score_is_not_guessed_where_two_outputs_could_be_it() throws Exception {
        Path twoScores = Expectations.MODELS.resolve("unusable/two_scores/model.onnx");
        Files.copy(twoScores, version.resolve("model.onnx"));

        assertThatThrownBy(() -> load("v1"))
                .hasMessageEndingWith(
                        "each of the outputs no, yes could be the score; name one in model.yaml under score");

        Files.writeString(version.resolve("model.yaml"), "score: \"yes\"\n");
        assertThat(load("v1").signature().task()).isEqualTo(dev.understudy.domain.Task.BINARY);
    }

    @Test
    void model_that_fails_for_every_row_is_found_out_when_it_is_loaded() {
        assertThatThrownBy(() -> Expectations.model("unusable/never_runs"))
                .hasMessageContaining("never_runs/model.onnx cannot be loaded")
                .hasMessageContaining("Reshape");
    }

    @Test
    void weights_in_another_file_are_hashed_and_must_be_there() throws Exception {
        Path external = Expectations.MODELS.resolve("wine/external");
        Files.copy(external.resolve("model.onnx"), version.resolve("model.onnx"));

        assertThatThrownBy(() -> load("v1"))
                .hasMessageContaining("keeps weights in 'model.onnx.data', which does not exist");

        byte[] weights = Files.readAllBytes(external.resolve("model.onnx.data"));
        Files.write(version.resolve("model.onnx.data"), weights);
        String before = load("v1").sha256();
        weights[0] ^= 1;
        Files.write(version.resolve("model.onnx.data"), weights);
        assertThat(load("v1").sha256()).isNotEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"../x/onnx.data", "/tmp/onnx.data_", "a/../onnx.data", "model\0onnx.data", "./model.onnx.d"})
    void weights_are_beside_the_model_and_nowhere_else(String location) throws Exception {
        Path external = Expectations.MODELS.resolve("wine/external");
        Files.copy(external.resolve("model.onnx.data"), version.resolve("model.onnx.data"));
        byte[] wanted = (location + "_".repeat(15 - location.length())).getBytes(ISO_8859_1);
        String model = Files.readString(external.resolve("model.onnx"), ISO_8859_1);
        Files.write(
                version.resolve("model.onnx"),
                model.replace("model.onnx.data", new String(wanted, ISO_8859_1)).getBytes(ISO_8859_1));

        assertThatThrownBy(() -> load("v1"))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("the name of a file in the directory of the model is expected, without '..'");
    }

    @Test
    void weights_that_are_a_link_to_elsewhere_are_refused(@TempDir Path elsewhere) throws Exception {
        Path external = Expectations.MODELS.resolve("wine/external");
        Files.copy(external.resolve("model.onnx"), version.resolve("model.onnx"));
        Path weights = Files.copy(external.resolve("model.onnx.data"), elsewhere.resolve("weights"));
        Files.createSymbolicLink(version.resolve("model.onnx.data"), weights);

        assertThatThrownBy(() -> load("v1"))
                .hasMessageContaining("model.onnx.data leads to")
                .hasMessageContaining("which is outside");
    }

    @Test
    void card_of_many_megabytes_is_not_read() throws Exception {
        Files.copy(WINE, version.resolve("model.onnx"));
        Files.writeString(version.resolve("model.yaml"), "description: " + "x".repeat(1 << 20));

        assertThatThrownBy(() -> load("v1"))
                .hasMessageContaining("model.yaml has 1048589 bytes; at most 1048576 are read");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1 | 2147483648 | 1 | input 'x0' has 2147483648 values per row; 1 to 16777216 are supported",
                // The product is 2^64 + 2, which is 2 in 64 bits.
                "1 | 3 | 6148914691236517206 | has 9223372036854775807 values per row",
                "100 | 16777216 | 1 | its inputs up to 'x4' have 83886080 values per row in batches of 1; at most 67108864"
            })
    void inputs_are_bounded_before_anything_is_allocated(int inputs, long width, long depth, String message)
            throws Exception {
        OnnxBytes graph = OnnxBytes.message();
        for (int i = 0; i < inputs; i++) {
            graph.field(11, OnnxBytes.floats("x" + i, width, depth));
        }
        graph.field(1, OnnxBytes.node("Identity", "x0", "y")).field(12, OnnxBytes.floats("y", width, depth));
        Files.write(version.resolve("model.onnx"), OnnxBytes.model(graph));

        assertThatThrownBy(() -> load("v1")).isInstanceOf(ModelException.class).hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "feature-named-twice.onnx | input 'features' has a feature named twice",
                "answers-with-another-shape.onnx | it answers once, but not with the shapes of its outputs then"
            })
    void damage_that_was_found_by_trying_is_refused(String file, String message) throws Exception {
        Files.copy(Path.of("src/test/resources/fuzz").resolve(file), version.resolve("model.onnx"));

        assertThatThrownBy(() -> load("v1")).isInstanceOf(ModelException.class).hasMessageContaining(message);
    }

    @Test
    void path_of_the_command_line_may_be_a_version_or_a_file() throws Exception {
        Path file = Files.copy(WINE, root.resolve("my wine.onnx"));
        try (OnnxModel byFile = OnnxModel.open(file, OnnxSettings.strict());
                OnnxModel byFolder =
                        OnnxModel.open(Expectations.MODELS.resolve("wine/tensor"), OnnxSettings.strict())) {
            assertThat(byFile.version().name()).isEqualTo("model");
            assertThat(byFolder.version().name()).isEqualTo("tensor");
            assertThat(byFolder.sha256()).isEqualTo(byFile.sha256());
        }
        assertThatThrownBy(() -> OnnxModel.open(root, OnnxSettings.strict()))
                .hasMessageContaining("has no model.onnx; give the directory of one version");
        assertThatThrownBy(() -> OnnxModel.open(root.resolve("nothing.onnx"), OnnxSettings.strict()))
                .hasMessageContaining("nothing.onnx does not exist");
    }

    private OnnxModel load(String name) throws ModelException {
        try (OnnxModelRepository repository =
                OnnxModelRepository.open(root, "wine", OnnxSettings.pipeline(), Clock.systemUTC())) {
            return (OnnxModel) repository.load(new ModelVersion(name));
        }
    }
}
