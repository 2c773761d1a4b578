package dev.understudy.model.onnx;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import ai.onnxruntime.OrtSession;
import dev.understudy.domain.FeatureMap;
import dev.understudy.domain.FeatureValue;
import dev.understudy.domain.RowResult;
import dev.understudy.model.ModelException;
import dev.understudy.model.ModelSignature;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
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

        List<String> profilesBefore = profiles();

        try (OnnxModel model = open()) {
            RowResult row = model.score(List.of(new FeatureMap(Map.of("x", new FeatureValue.Vector(new double[] {3})))))
                    .results()
                    .get(0);
            assertThat(row).isInstanceOf(RowResult.Scored.class);
        }
        try (Stream<Path> files = Files.list(written)) {
            assertThat(files).isEmpty();
        }
        assertThat(profiles()).isEqualTo(profilesBefore);
    }

    /** The name of the file: by itself, from the model's directory, and from the working directory. */
    @ParameterizedTest
    @ValueSource(strings = {"%1$s", "context.bin", "../v1/context.bin", "%2$s"})
    void compiled_context_of_an_execution_provider_is_refused_and_its_file_is_not_read(String name) throws Exception {
        Path context = Files.writeString(version.resolve("context.bin"), "compiled");
        assumeThat(isSeenToBeRead(Files.writeString(root.resolve("other.bin"), "compiled")))
                .as("the file system notes when a file is read")
                .isTrue();
        FileTime before = neverRead(context);
        String file = name.formatted(context, Path.of("").toAbsolutePath().relativize(context));
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
        assertThat(lastRead(context)).isEqualTo(before);
    }

    private static boolean isSeenToBeRead(Path file) throws IOException {
        FileTime before = neverRead(file);
        Files.readAllBytes(file);
        return !lastRead(file).equals(before);
    }

    /** Dates the last time that the file was read back to before it was written, so that even {@code relatime} notes the next. */
    private static FileTime neverRead(Path file) throws IOException {
        Files.setAttribute(file, "lastAccessTime", FileTime.fromMillis(0));
        return lastRead(file);
    }

    private static FileTime lastRead(Path file) throws IOException {
        return (FileTime) Files.getAttribute(file, "lastAccessTime");
    }

    @Test
    void bytes_that_are_a_model_in_two_formats_are_run_as_the_one_that_was_looked_at() throws Exception {
        byte[] both = inBothFormats(model("seen", OnnxBytes.node("Identity", "seen", "y")), inOrtFormat("hidden"));
        try (OrtSession byItsOwnGuess = OnnxEnvironment.get().createSession(both)) {
            assertThat(byItsOwnGuess.getInputNames()).containsExactly("hidden");
        }
        Files.write(version.resolve(OnnxModel.FILE_NAME), both);

        try (OnnxModel model = open()) {
            assertThat(model.signature().inputs())
                    .extracting(ModelSignature.Input::name)
                    .containsExactly("seen");
        }
    }

    private byte[] inOrtFormat(String input) throws Exception {
        Path file = root.resolve("model.ort");
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setOptimizedModelFilePath(file.toString());
            options.addConfigEntry("session.save_model_format", "ORT");
            byte[] onnx = model(input, OnnxBytes.node("Identity", input, "y")).toByteArray();
            OnnxEnvironment.get().createSession(onnx, options).close();
        }
        return Files.readAllBytes(file);
    }

    /**
     * The ORT format is a flatbuffer: a 32-bit offset of its root, {@code ORTM}, and tables that name each other by
     * distance. With the right offset those eight bytes are fields of protobuf as well, so that a model in ONNX format can
     * follow, and a text in it that holds the rest of the flatbuffer.
     */
    private static byte[] inBothFormats(OnnxBytes onnx, byte[] ort) {
        // Of protobuf: field 1 is 0, field 2 has one byte (O), field 10 (R) has 84 bytes (T) from M on.
        int root = 0x01120008;
        int moved = root + 56;
        ByteBuffer old = ByteBuffer.wrap(ort).order(ByteOrder.LITTLE_ENDIAN);
        int oldRoot = old.getInt(0);
        int oldNames = oldRoot - old.getInt(oldRoot);
        ByteBuffer both = ByteBuffer.allocate(moved + ort.length).order(ByteOrder.LITTLE_ENDIAN);
        both.putInt(root).put("ORTM".getBytes(UTF_8)).position(7 + 84);
        both.put(onnx.toByteArray());
        int rest = both.capacity() - both.position() - 5;
        both.put((byte) ((6 << 3) | 2));
        for (int shift = 0; shift < 28; shift += 7) {
            both.put((byte) (((rest >> shift) & 0x7f) | (shift < 21 ? 0x80 : 0)));
        }
        both.putInt(root, -32);
        for (int field = 4; field < old.getShort(oldNames + 2); field += 4) {
            both.putInt(root + field, moved + oldRoot + field + old.getInt(oldRoot + field) - (root + field));
        }
        both.position(root + 32).put(ort, oldNames, old.getShort(oldNames));
        return both.position(moved).put(ort).array();
    }

    private OnnxModel open() throws ModelException {
        return OnnxModel.open(version, OnnxSettings.strict());
    }

    private void write(OnnxBytes model) throws IOException {
        Files.write(version.resolve(OnnxModel.FILE_NAME), model.toByteArray());
    }

    private static OnnxBytes model(OnnxBytes node) {
        return model("x", node);
    }

    /** One node from the input to output y, of one float for each row. */
    private static OnnxBytes model(String input, OnnxBytes node) {
        OnnxBytes graph = OnnxBytes.message()
                .field(2, "graph")
                .field(1, node)
                .field(11, OnnxBytes.floats(input, 1))
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

    /** Where ONNX Runtime writes what it measured of a session, if nothing else is said. */
    private static List<String> profiles() throws IOException {
        try (Stream<Path> files = Files.list(Path.of(""))) {
            return files.map(Path::toString)
                    .filter(name -> name.startsWith("onnxruntime_profile"))
                    .sorted()
                    .toList();
        }
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
