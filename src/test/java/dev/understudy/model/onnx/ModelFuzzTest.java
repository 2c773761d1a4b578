package dev.understudy.model.onnx;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.fuzz.Fuzz;
import dev.understudy.model.ModelException;
import dev.understudy.process.ChildJvm;
import dev.understudy.process.JvmCommand;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged models: refused with a {@link ModelException}, or they answer. */
final class ModelFuzzTest {
    private static final List<String> ONNX = List.of(
            "\0",
            "\1",
            "Add",
            "Cast",
            "Reshape",
            "Gather",
            "TreeEnsembleClassifier",
            "ai.onnx.ml",
            "location",
            "../model.onnx");

    /** They hang, or take memory without a bound, and with damage they may do so on any row. */
    private static final Set<String> UNBOUNDED = Set.of("hangs", "hoards", "demands");

    /** Seeds of the numbers in docs/reliability.md: with others the same inputs are not made again. */
    @Test
    void seeds_are_those_that_the_documented_numbers_came_from() throws Exception {
        assertThat(models()).hasSize(39);
    }

    @Test
    void a_damaged_card_is_read_or_refused(@TempDir Path folder) throws Exception {
        String card = """
                task: binary
                features: [amount, age]
                score: probabilities
                label: label
                activation: sigmoid
                threshold: 0.5
                classes: [ok, fraud]
                positive: fraud
                missing: nan
                sha256: "%s"
                description: a model
                """.formatted("0".repeat(64));
        String inputs = "inputs: {X: [a, b], Y: [c]}\n";
        Path file = folder.resolve("model.yaml");
        Fuzz.of(
                        "model.yaml",
                        List.of(card.getBytes(UTF_8), inputs.getBytes(UTF_8)),
                        Fuzz.JSON,
                        Set.of(ModelException.class))
                .run(bytes -> {
                    Files.write(file, bytes);
                    ModelCard.read(file);
                });
    }

    @Test
    void damaged_protobuf_is_looked_through_or_refused() throws Exception {
        Fuzz.of("ONNX, our parser", models(), ONNX, Set.of(ModelException.class))
                .run(bytes -> {
                    var unused = OnnxFile.parse(ByteBuffer.wrap(bytes))
                            .orElseThrow(() -> new ModelException("it is no ONNX file"));
                });
    }

    /** ONNX Runtime is native: what it cannot bear takes the process down, so it gets one of its own. */
    @Test
    void a_damaged_model_is_refused_or_answers(@TempDir Path folder) throws Exception {
        Fuzz fuzz = fuzz();
        long next = 0;
        long accepted = 0;
        List<String> crashes = new ArrayList<>();
        while (next < Fuzz.inputs()) {
            Queue<String> said = new ConcurrentLinkedQueue<>();
            ChildJvm child = ChildJvm.start(
                    "models",
                    JvmCommand.of(ModelFuzzChild.class, 512)
                            .withCrashReportsIn(folder)
                            .withArguments(folder.toString(), Long.toString(next), Long.toString(Fuzz.inputs())),
                    ModelFuzzChild.READY,
                    Duration.ofMinutes(1),
                    said::add,
                    said::add);
            int exit;
            try {
                exit = child.exited().get(Fuzz.inputs(), TimeUnit.SECONDS);
            } finally {
                child.killForcibly();
            }
            long last = ModelFuzzChild.last(folder);
            accepted += ModelFuzzChild.accepted(folder);
            if (exit != 0) {
                crashes.add(last + ": "
                        + fuzz.failed(last, fuzz.input(last), "ended the process with " + exit, null)
                                .getMessage() + String.join("\n", said));
            }
            next = last + 1;
        }
        fuzz.report(accepted, Fuzz.inputs() - accepted - crashes.size(), crashes.size() + " crashes");
        assertThat(crashes).isEmpty();
    }

    static Fuzz fuzz() throws Exception {
        return Fuzz.of("ONNX", models(), ONNX, Set.of(ModelException.class));
    }

    /** Small models of many kinds, so that damage hits their structure and not only their weights. */
    private static List<byte[]> models() throws Exception {
        List<byte[]> models = new ArrayList<>();
        for (Path root : List.of(Path.of("models"), Expectations.MODELS)) {
            try (Stream<Path> files = Files.walk(root)) {
                for (Path file : files.filter(file -> file.endsWith("model.onnx"))
                        .sorted()
                        .toList()) {
                    String version = file.getName(file.getNameCount() - 2).toString();
                    if (Files.size(file) < 6_000 && !UNBOUNDED.contains(version)) {
                        models.add(Files.readAllBytes(file));
                    }
                }
            }
        }
        return models;
    }
}
