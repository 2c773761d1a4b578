package dev.understudy.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.config.UnderstudyConfig;
import dev.understudy.model.ModelException;
import dev.understudy.model.ModelSignature;
import dev.understudy.model.onnx.ModelDescription;
import dev.understudy.model.onnx.OnnxModelRepository;
import dev.understudy.model.onnx.OnnxSettings;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "models",
        description =
                "List the models and versions on disk: task, inputs, outputs, classes, hash, or why one cannot load.",
        footerHeading = "%nExamples:%n",
        footer = {"  understudy models", "  understudy models fraud --format json"})
final class ModelsCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ConfigOptions config;

    @Parameters(arity = "0..1", paramLabel = "MODEL", description = "One model's name (default: all).")
    private @Nullable String model;

    @Option(
            names = "--directory",
            paramLabel = "DIR",
            description = "Where the models are (default: model.directory of the configuration).")
    private @Nullable Path directory;

    @Option(names = "--format", defaultValue = "table", description = "table or json (default: ${DEFAULT-VALUE}).")
    private Format format;

    @Override
    public Integer call() throws ModelException {
        UnderstudyConfig settings = config.load();
        Path root = directory == null ? settings.model().directory() : directory;
        List<ModelDescription> descriptions = new ArrayList<>();
        List<String> leftOut = new ArrayList<>(model == null ? OnnxModelRepository.leftOut(root) : List.of());
        for (String name : model == null ? OnnxModelRepository.models(root) : List.of(model)) {
            try (OnnxModelRepository repository =
                    OnnxModelRepository.open(root, name, OnnxSettings.strict(), Clock.systemUTC())) {
                descriptions.addAll(repository.describe());
                if (model != null) {
                    leftOut.addAll(repository.leftOut());
                }
            }
        }
        PrintWriter out = spec.commandLine().getOut();
        out.print(
                format == Format.JSON
                        ? json(descriptions).toPrettyString() + System.lineSeparator()
                        : table(descriptions));
        out.flush();
        leftOut.forEach(spec.commandLine().getErr()::println);
        return descriptions.stream().anyMatch(version -> version.error() != null) ? 1 : 0;
    }

    private static String table(List<ModelDescription> descriptions) {
        Table table = new Table("model", "version", "task", "inputs", "classes", "size", "sha256");
        StringBuilder errors = new StringBuilder();
        for (ModelDescription version : descriptions) {
            ModelSignature signature = version.signature();
            if (signature == null) {
                table.row(version.model(), version.version().name(), "cannot load", "", "", "", "");
                errors.append(version.model())
                        .append(' ')
                        .append(version.version())
                        .append(": ")
                        .append(version.error())
                        .append(System.lineSeparator());
            } else {
                table.row(
                        version.model(),
                        version.version().name(),
                        signature.task().name().toLowerCase(Locale.ROOT),
                        inputs(signature),
                        String.join(" ", signature.classNames()),
                        size(Objects.requireNonNull(version.sizeBytes())),
                        Objects.requireNonNull(version.sha256()).substring(0, 12));
            }
        }
        return table.toString() + errors;
    }

    private static String inputs(ModelSignature signature) {
        return signature.inputs().stream()
                .map(input -> input.name() + " " + input.type().name().toLowerCase(Locale.ROOT)
                        + input.shape().stream()
                                .map(dimension -> dimension < 0 ? "N" : dimension.toString())
                                .collect(Collectors.joining(",", "[", "]")))
                .collect(Collectors.joining(" "));
    }

    private static String size(long bytes) {
        return bytes < 1024 * 1024
                ? String.format(Locale.ROOT, "%.1f KB", bytes / 1024.0)
                : String.format(Locale.ROOT, "%.1f MB", bytes / (1024.0 * 1024));
    }

    private static ArrayNode json(List<ModelDescription> descriptions) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        for (ModelDescription version : descriptions) {
            ObjectNode node = array.addObject()
                    .put("model", version.model())
                    .put("version", version.version().name())
                    .put("path", version.path().toString())
                    .put("sizeBytes", version.sizeBytes())
                    .put("sha256", version.sha256())
                    .put("error", version.error());
            ModelSignature signature = version.signature();
            if (signature != null) {
                node.put("task", signature.task().name());
                node.put("threshold", signature.threshold());
                signature.classNames().forEach(node.putArray("classes")::add);
                ArrayNode inputs = node.putArray("inputs");
                for (ModelSignature.Input input : signature.inputs()) {
                    ObjectNode each = inputs.addObject()
                            .put("name", input.name())
                            .put("type", input.type().name());
                    input.shape().forEach(each.putArray("shape")::add);
                    input.features().forEach(each.putArray("features")::add);
                }
                ArrayNode outputs = node.putArray("outputs");
                for (ModelSignature.Output output : signature.outputs()) {
                    ObjectNode each = outputs.addObject()
                            .put("name", output.name())
                            .put("type", output.type().name())
                            .put("kind", output.kind())
                            .put("role", output.role());
                    output.shape().forEach(each.putArray("shape")::add);
                }
            }
        }
        return array;
    }
}
