package dev.understudy.model.onnx;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeType;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.understudy.domain.FileProblem;
import dev.understudy.domain.Suggestion;
import dev.understudy.domain.Task;
import dev.understudy.model.ModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * What {@code model.yaml} says beyond the ONNX file. Every key is optional.
 *
 * @param features names of the columns of the only input
 * @param inputs names of the columns, per input
 * @param score name of the output that holds the score or the probabilities
 * @param label name of the output that holds the predicted class
 * @param missingIsNan an explicit null becomes NaN in float inputs
 */
record ModelCard(
        Optional<Task> task,
        List<String> features,
        Map<String, List<String>> inputs,
        Optional<String> score,
        Optional<String> label,
        Optional<Activation> activation,
        Optional<Double> threshold,
        List<String> classes,
        Optional<String> positive,
        boolean missingIsNan,
        Optional<String> sha256) {

    /** What is applied to the output named by {@code score}. */
    enum Activation {
        NONE,
        SIGMOID,
        SOFTMAX
    }

    private static final List<String> KEYS = List.of(
            "task",
            "features",
            "inputs",
            "score",
            "label",
            "activation",
            "threshold",
            "classes",
            "positive",
            "missing",
            "sha256",
            "description");
    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

    static ModelCard empty() {
        return new ModelCard(
                Optional.empty(),
                List.of(),
                Map.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                Optional.empty(),
                false,
                Optional.empty());
    }

    static ModelCard read(Path file) throws ModelException {
        JsonNode root;
        try {
            root = YAMLMapper.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build()
                    .readTree(Files.readAllBytes(file));
        } catch (JsonProcessingException notYaml) {
            // The parser's message has several lines and says where.
            String what = notYaml.getOriginalMessage().strip().replaceAll("\\s+", " ");
            throw new ModelException(file + ": not valid YAML: " + what, notYaml);
        } catch (IOException unreadable) {
            throw new ModelException(file + " cannot be read: " + FileProblem.of(file, unreadable), unreadable);
        }
        if (root == null || root.isMissingNode() || root.isNull()) {
            return empty();
        }
        if (!root.isObject()) {
            throw new ModelException(file + ": a mapping of keys is expected, such as 'task: binary'");
        }
        return new Parser(file, root).card();
    }

    /** One file being read; the messages name it. */
    private record Parser(Path file, JsonNode root) {
        ModelCard card() throws ModelException {
            for (var names = root.fieldNames(); names.hasNext(); ) {
                String name = names.next();
                if (!KEYS.contains(name)) {
                    throw new ModelException(file + ": unknown key '" + name + "'" + Suggestion.orFullStop(name, KEYS)
                            + " Known keys: " + String.join(", ", KEYS));
                }
            }
            Optional<Double> threshold = number("threshold");
            if (threshold.isPresent() && !(threshold.get() >= 0 && threshold.get() <= 1)) {
                throw wrong("threshold", "must be between 0 and 1, was " + threshold.get());
            }
            Optional<String> sha256 = text("sha256").map(s -> s.toLowerCase(Locale.ROOT));
            if (sha256.isPresent() && !SHA256.matcher(sha256.get()).matches()) {
                throw wrong("sha256", "must be 64 hexadecimal digits in quotes, was '" + sha256.get() + "'");
            }
            List<String> features = list("features", root.get("features"));
            Map<String, List<String>> inputs = inputs();
            if (!features.isEmpty() && !inputs.isEmpty()) {
                throw wrong("features", "is for models with one input; give its names under inputs instead");
            }
            Optional<String> missing = choice("missing", Set.of("nan", "error"), s -> s);
            return new ModelCard(
                    choice(
                            "task",
                            Set.of("binary", "multiclass", "regression"),
                            s -> Task.valueOf(s.toUpperCase(Locale.ROOT))),
                    features,
                    inputs,
                    text("score"),
                    text("label"),
                    choice(
                            "activation",
                            Set.of("none", "sigmoid", "softmax"),
                            s -> Activation.valueOf(s.toUpperCase(Locale.ROOT))),
                    threshold,
                    list("classes", root.get("classes")),
                    text("positive"),
                    missing.filter("nan"::equals).isPresent(),
                    sha256);
        }

        private Map<String, List<String>> inputs() throws ModelException {
            JsonNode node = root.get("inputs");
            Map<String, List<String>> inputs = new LinkedHashMap<>();
            if (node == null || node.isNull()) {
                return inputs;
            }
            if (!node.isObject()) {
                throw wrong("inputs", "must map each input's name to a list of features");
            }
            for (Map.Entry<String, JsonNode> input : node.properties()) {
                inputs.put(input.getKey(), list("inputs." + input.getKey(), input.getValue()));
            }
            return inputs;
        }

        private Optional<String> text(String key) throws ModelException {
            JsonNode node = root.get(key);
            if (node == null || node.isNull()) {
                return Optional.empty();
            }
            if (!node.isValueNode() || node.asText().isBlank()) {
                throw wrong(key, "must be a text");
            }
            return Optional.of(node.asText());
        }

        private Optional<Double> number(String key) throws ModelException {
            JsonNode node = root.get(key);
            if (node == null || node.isNull()) {
                return Optional.empty();
            }
            if (!node.isNumber()) {
                throw wrong(key, "must be a number, was '" + node.asText() + "'");
            }
            return Optional.of(node.asDouble());
        }

        private <T> Optional<T> choice(String key, Set<String> allowed, Function<String, T> value)
                throws ModelException {
            Optional<String> given = text(key).map(s -> s.toLowerCase(Locale.ROOT));
            if (given.isPresent() && !allowed.contains(given.get())) {
                throw wrong(
                        key,
                        "must be one of "
                                + String.join(", ", allowed.stream().sorted().toList())
                                + ", was '" + given.get() + "'");
            }
            return given.map(value);
        }

        private List<String> list(String key, JsonNode node) throws ModelException {
            if (node == null || node.isNull()) {
                return List.of();
            }
            List<String> values = new ArrayList<>();
            if (node.isValueNode()) {
                values.add(node.asText());
            } else if (node.getNodeType() == JsonNodeType.ARRAY) {
                for (JsonNode value : node) {
                    if (!value.isValueNode() || value.isNull()) {
                        throw wrong(key, "must be a list of names");
                    }
                    values.add(value.asText());
                }
            } else {
                throw wrong(key, "must be a list of names");
            }
            if (Set.copyOf(values).size() != values.size()) {
                throw wrong(key, "names something twice: " + values);
            }
            return List.copyOf(values);
        }

        private ModelException wrong(String key, String what) {
            return new ModelException(file + ": " + key + " " + what);
        }
    }
}
