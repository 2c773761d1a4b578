package dev.understudy.model.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.SequenceInfo;
import ai.onnxruntime.TensorInfo;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.understudy.domain.Task;
import dev.understudy.model.ModelException;
import dev.understudy.model.ModelSignature;
import dev.understudy.model.ModelSignature.ElementType;
import dev.understudy.model.ModelSignature.Input;
import dev.understudy.model.ModelSignature.Output;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Finds out what a model expects and gives, from its file, a trial call and its card. */
final class SignatureReader {
    /** Values of all inputs in a call. */
    private static final int MOST_VALUES = 1 << 26;

    private final Path path;
    private final OrtSession session;
    private final ModelCard card;
    private final OnnxFile file;
    private final Map<String, String> metadata;

    SignatureReader(Path path, OrtSession session, ModelCard card, OnnxFile file) throws OrtException {
        this.path = path;
        this.session = session;
        this.card = card;
        this.file = file;
        this.metadata = session.getMetadata().getCustomMetadata();
    }

    /** The inputs, and the number of rows that every call must have: 0 where it is free. */
    record Inputs(List<InputLayout.Tensor> tensors, int fixedRows) {}

    /** How the values of an output looked in the trial call. */
    enum Likeness {
        /** There was no trial. */
        UNKNOWN,
        ANY,
        /** All between 0 and 1. */
        UNIT,
        /** All between 0 and 1, and every row adds up to 1. */
        SIMPLEX
    }

    /**
     * An output as the file declares it and the trial call saw it.
     *
     * @param rowShape null while it is not known
     */
    record Seen(
            String name,
            @Nullable ElementType type,
            List<Long> shape,
            boolean map,
            long @Nullable [] rowShape,
            Likeness likeness) {
        /** Values per row; -1 while it is not known. */
        int perRow() {
            return rowShape == null ? -1 : (int) elements(rowShape);
        }

        boolean isFloat() {
            return !map && (type == ElementType.FLOAT || type == ElementType.DOUBLE);
        }
    }

    Inputs inputs() throws ModelException, OrtException {
        Map<String, NodeInfo> declared = session.getInputInfo();
        for (String name : card.inputs().keySet()) {
            if (!declared.containsKey(name)) {
                throw wrong("model.yaml names the input '" + name + "'; the model's inputs are "
                        + String.join(", ", declared.keySet()));
            }
        }
        if (!card.features().isEmpty() && declared.size() > 1) {
            throw wrong("model.yaml gives features, but the model has " + declared.size()
                    + " inputs: give their names under inputs");
        }
        List<InputLayout.Tensor> tensors = new ArrayList<>();
        long elements = 0;
        int fixedRows = 0;
        for (NodeInfo node : declared.values()) {
            InputLayout.Tensor tensor = input(node, declared.size() == 1);
            long first = tensor.input().shape().get(0);
            if (first > 0) {
                if (first > MOST_VALUES) {
                    throw wrong("input '" + tensor.input().name() + "' has the fixed batch dimension " + first
                            + "; at most " + MOST_VALUES + " are supported");
                }
                if (fixedRows != 0 && fixedRows != first) {
                    throw wrong("its inputs have the fixed batch dimensions " + fixedRows + " and " + first
                            + "; all must have the same");
                }
                fixedRows = (int) first;
            }
            elements += tensor.rowElements();
            if (elements * Math.max(1, fixedRows) > MOST_VALUES) {
                throw wrong("its inputs up to '" + tensor.input().name() + "' have " + elements
                        + " values per row in batches of " + Math.max(1, fixedRows) + "; at most " + MOST_VALUES
                        + " values in a call are supported");
            }
            tensors.add(tensor);
        }
        return new Inputs(tensors, fixedRows);
    }

    private InputLayout.Tensor input(NodeInfo node, boolean only) throws ModelException {
        String name = node.getName();
        if (!(node.getInfo() instanceof TensorInfo info)) {
            throw wrong("input '" + name + "' is not a tensor; export the model with tensor inputs");
        }
        ElementType type = elementType(info);
        if (type == null) {
            throw wrong("input '" + name + "' has the element type " + info.type
                    + "; supported are float, double, int64, int32, bool and string");
        }
        long[] shape = info.getShape();
        if (shape.length == 0 || (shape.length == 1 && shape[0] > 1)) {
            throw wrong("input '" + name + "' has shape " + Arrays.toString(shape)
                    + "; the first dimension must be the batch, such as [N, " + (shape.length == 0 ? 1 : shape[0])
                    + "]");
        }
        List<String> named = only && !card.features().isEmpty()
                ? card.features()
                : card.inputs().getOrDefault(name, only ? names("feature_names") : List.of());
        long[] rowShape = Arrays.copyOfRange(shape, 1, shape.length);
        for (int d = 0; d < rowShape.length; d++) {
            if (rowShape[d] <= 0) {
                if (rowShape.length == 1 && !named.isEmpty()) {
                    rowShape[d] = named.size();
                } else {
                    throw wrong("input '" + name + "' has shape " + Arrays.toString(shape)
                            + "; only the first dimension may be free. Export it with a fixed shape"
                            + (rowShape.length == 1 ? ", or name its columns in model.yaml under features" : ""));
                }
            }
        }
        long elements = elements(rowShape);
        if (elements < 1 || elements > 1 << 24) {
            throw wrong(
                    "input '" + name + "' has " + elements + " values per row; 1 to " + (1 << 24) + " are supported");
        }
        if (Set.copyOf(named).size() != named.size()) {
            throw wrong("input '" + name + "' has a feature named twice: " + named);
        }
        boolean flat = rowShape.length <= 1;
        List<String> features;
        if (!named.isEmpty()) {
            if (named.size() != elements && named.size() != 1) {
                throw wrong("input '" + name + "' has " + elements + " values per row, but " + named.size()
                        + " feature names are given; give " + elements + ", or one name for a whole vector");
            }
            features = named;
        } else if (only && flat) {
            features = IntStream.range(0, (int) elements).mapToObj(i -> "f" + i).toList();
        } else {
            features = List.of(name);
        }
        List<Long> declared = Arrays.stream(shape).boxed().toList();
        return new InputLayout.Tensor(new Input(name, type, declared, features), rowShape, (int) elements);
    }

    /** Names of the outputs that are tensors or sequences of maps. */
    Set<String> readableOutputs() throws OrtException {
        Set<String> names = new LinkedHashSet<>();
        for (NodeInfo node : session.getOutputInfo().values()) {
            boolean readable = node.getInfo() instanceof TensorInfo info
                    ? elementType(info) != null
                    : node.getInfo() instanceof SequenceInfo sequence && sequence.isSequenceOfMaps();
            if (readable) {
                names.add(node.getName());
            }
        }
        return names;
    }

    /** The outputs, with what the trial call gave; an output that cannot be read has no type. */
    List<Seen> outputs(Map<String, OutputValues> trial, int trialRows) throws OrtException {
        List<Seen> outputs = new ArrayList<>();
        for (NodeInfo node : session.getOutputInfo().values()) {
            OutputValues values = trial.get(node.getName());
            if (node.getInfo() instanceof TensorInfo info) {
                long[] shape = info.getShape();
                long[] rowShape = null;
                if (values instanceof OutputValues.Numbers numbers) {
                    rowShape = numbers.rowShape();
                } else if (values instanceof OutputValues.Texts texts) {
                    rowShape = texts.rowShape();
                } else if (shape.length > 0 && Arrays.stream(shape).skip(1).allMatch(dimension -> dimension > 0)) {
                    rowShape = Arrays.copyOfRange(shape, 1, shape.length);
                }
                outputs.add(new Seen(
                        node.getName(),
                        elementType(info),
                        Arrays.stream(shape).boxed().toList(),
                        false,
                        rowShape,
                        values == null ? Likeness.UNKNOWN : likeness(values, trialRows)));
            } else {
                boolean maps = node.getInfo() instanceof SequenceInfo sequence && sequence.isSequenceOfMaps();
                int width =
                        values != null ? values.perRow() : file.classLabels().size();
                outputs.add(new Seen(
                        node.getName(),
                        maps ? ElementType.FLOAT : null,
                        List.of(-1L),
                        maps,
                        width == 0 ? null : new long[] {width},
                        values == null ? Likeness.UNKNOWN : likeness(values, trialRows)));
            }
        }
        return outputs;
    }

    private static Likeness likeness(OutputValues values, int rows) {
        boolean simplex = values.perRow() > 1;
        for (int row = 0; row < rows; row++) {
            double sum = 0;
            for (int i = 0; i < values.perRow(); i++) {
                double value = values.number(row, i);
                if (!(value >= 0 && value <= 1)) {
                    return Likeness.ANY;
                }
                sum += value;
            }
            simplex &= Math.abs(sum - 1) < 1e-3;
        }
        return simplex ? Likeness.SIMPLEX : Likeness.UNIT;
    }

    /** Decides which output is what. */
    AnswerReader answers(List<InputLayout.Tensor> inputs, List<Seen> outputs) throws ModelException {
        Optional<Seen> label = label(outputs);
        Optional<Seen> main = main(outputs, label);
        if (label.isEmpty() && main.isEmpty()) {
            throw wrong("no output is a label or a number; its outputs are " + names(outputs)
                    + ". Name one in model.yaml under score");
        }
        int width = main.map(Seen::perRow).orElse(-1);
        List<String> graphClasses = width > 1 && file.classLabels().size() != width ? List.of() : file.classLabels();
        List<String> classes = classes(graphClasses, width, label.isPresent(), main);
        Task task = task(label, main, width, classes);
        if (task == Task.REGRESSION) {
            classes = List.of();
            label = card.task().isPresent() ? Optional.empty() : label;
        } else if (task == Task.BINARY) {
            if (classes.isEmpty()) {
                classes = List.of("0", "1");
            }
            if (classes.size() != 2) {
                throw wrong("a binary model has two classes, but there are " + classes.size() + ": " + classes);
            }
            if (width > 2) {
                throw wrong("a binary model's score has one or two values per row, but output '"
                        + main.orElseThrow().name() + "' has " + width);
            }
        } else if (width > 1 && classes.size() != width) {
            throw wrong("output '" + main.orElseThrow().name() + "' has " + width + " values per row, but there are "
                    + classes.size() + " classes: " + classes);
        }
        int positive = 1;
        if (card.positive().isPresent()) {
            positive = classes.indexOf(card.positive().get());
            if (positive < 0 || task != Task.BINARY) {
                throw wrong("model.yaml says positive: " + card.positive().get() + "; the classes of this "
                        + lower(task) + " model are " + classes);
            }
        }
        Double threshold = null;
        if (card.threshold().isPresent()) {
            if (task != Task.BINARY || main.isEmpty()) {
                throw wrong("model.yaml gives a threshold, which only a binary model with a score has");
            }
            threshold = card.threshold().get();
        } else if (task == Task.BINARY && label.isEmpty()) {
            threshold = 0.5;
        }
        String labelName = label.map(Seen::name).orElse(null);
        String mainName = main.map(Seen::name).orElse(null);
        String mainRole = task == Task.MULTICLASS || (task == Task.BINARY && width > 1) ? "probabilities" : "score";
        List<Output> described = outputs.stream()
                .map(o -> new Output(
                        o.name(),
                        o.type() == null ? ElementType.STRING : o.type(),
                        o.shape(),
                        o.map() ? "map" : "tensor",
                        o.name().equals(labelName) ? "label" : o.name().equals(mainName) ? mainRole : "none"))
                .toList();
        ModelSignature signature = new ModelSignature(
                task, inputs.stream().map(InputLayout.Tensor::input).toList(), described, classes, positive, threshold);
        return new AnswerReader(
                signature,
                labelName,
                mainName,
                card.activation().orElse(ModelCard.Activation.NONE),
                labelTexts(graphClasses, classes));
    }

    private Optional<Seen> label(List<Seen> outputs) throws ModelException {
        if (card.label().isPresent()) {
            return Optional.of(named("label", card.label().get(), outputs));
        }
        if (card.task().filter(t -> t == Task.REGRESSION).isPresent()) {
            return Optional.empty();
        }
        Predicate<Seen> possible = o -> !o.map()
                && (o.type() == ElementType.INT64
                        || o.type() == ElementType.INT32
                        || o.type() == ElementType.STRING
                        || o.type() == ElementType.BOOL)
                && Math.abs(o.perRow()) == 1
                && !card.score().filter(o.name()::equals).isPresent();
        return outputs.stream()
                .filter(possible)
                .filter(o -> contains(o.name(), "label", "class"))
                .findFirst()
                .or(() -> outputs.stream().filter(possible).findFirst());
    }

    private Optional<Seen> main(List<Seen> outputs, Optional<Seen> label) throws ModelException {
        if (card.score().isPresent()) {
            Seen named = named("score", card.score().get(), outputs);
            if (named.type() == null || named.type() == ElementType.STRING) {
                throw wrong("model.yaml names '" + named.name() + "' as score, which holds no numbers");
            }
            return Optional.of(named);
        }
        List<Seen> numbers =
                outputs.stream().filter(o -> o.map() || o.isFloat()).toList();
        if (label.isPresent()) {
            // Beside a label, numbers outside 0 to 1 are a decision function, not probabilities.
            List<Seen> probabilities = numbers.stream()
                    .filter(o ->
                            o.likeness() != Likeness.ANY || card.activation().isPresent())
                    .toList();
            if (probabilities.size() > 1
                    && probabilities.stream().allMatch(o -> o.perRow() == 1)
                    && probabilities.stream()
                                    .filter(o -> contains(o.name(), "prob"))
                                    .count()
                            != 1) {
                throw wrong("each of the outputs " + names(probabilities)
                        + " could be the score; name one in model.yaml under score");
            }
            return probabilities.stream()
                    .filter(Seen::map)
                    .findFirst()
                    .or(() -> probabilities.stream()
                            .filter(o -> contains(o.name(), "prob"))
                            .findFirst())
                    .or(() -> probabilities.stream().findFirst());
        }
        return numbers.stream()
                .filter(o -> contains(o.name(), "prob", "score", "predict"))
                .findFirst()
                .or(() -> numbers.stream().filter(o -> o.perRow() == 1).findFirst())
                .or(() -> numbers.stream().findFirst());
    }

    private Task task(Optional<Seen> label, Optional<Seen> main, int width, List<String> classes) {
        if (card.task().isPresent()) {
            return card.task().get();
        }
        Likeness likeness = main.map(Seen::likeness).orElse(Likeness.UNKNOWN);
        boolean classifies = label.isPresent()
                || main.filter(Seen::map).isPresent()
                || (width > 1 && likeness == Likeness.SIMPLEX)
                || !card.classes().isEmpty()
                || card.threshold().isPresent()
                || card.activation().filter(a -> a != ModelCard.Activation.NONE).isPresent();
        if (!classifies) {
            return Task.REGRESSION;
        }
        if (width == 1 || (classes.size() == 2 && width <= 2)) {
            return Task.BINARY;
        }
        return Task.MULTICLASS;
    }

    private List<String> classes(List<String> graphClasses, int width, boolean label, Optional<Seen> main) {
        if (!card.classes().isEmpty()) {
            return card.classes();
        }
        if (!graphClasses.isEmpty()) {
            return graphClasses;
        }
        List<String> fromMetadata = names("class_names");
        if (!fromMetadata.isEmpty()) {
            return fromMetadata;
        }
        boolean probabilities = label
                || main.filter(o -> o.map() || o.likeness() == Likeness.SIMPLEX).isPresent()
                || card.task().isPresent()
                || card.activation().isPresent();
        return probabilities && width > 1
                ? IntStream.range(0, width).mapToObj(Integer::toString).toList()
                : List.of();
    }

    /** What the model's label output says, to the name of the class, where the card or metadata name the classes. */
    private static Map<String, String> labelTexts(List<String> graphClasses, List<String> classes) {
        Map<String, String> texts = new HashMap<>();
        for (int i = 0; i < classes.size(); i++) {
            String given = graphClasses.size() == classes.size() ? graphClasses.get(i) : Integer.toString(i);
            if (!classes.contains(given)) {
                texts.put(given, classes.get(i));
            }
        }
        return texts;
    }

    /** A list kept in the file's metadata, as JSON or separated by commas; empty if there is none. */
    private List<String> names(String key) {
        String value = metadata.get(key);
        if (value == null || value.isBlank()) {
            return List.of();
        }
        if (value.strip().startsWith("[")) {
            try {
                List<String> names = new ArrayList<>();
                for (JsonNode name : new ObjectMapper().readTree(value)) {
                    names.add(name.asText());
                }
                return List.copyOf(names);
            } catch (JsonProcessingException notJson) {
                // A name may begin with a bracket: then it is a list separated by commas.
            }
        }
        return Arrays.stream(value.split(",", -1)).map(String::strip).toList();
    }

    private Seen named(String key, String name, List<Seen> outputs) throws ModelException {
        return outputs.stream()
                .filter(o -> o.name().equals(name))
                .findFirst()
                .orElseThrow(() -> wrong("model.yaml names the output '" + name + "' under " + key
                        + "; its outputs are " + names(outputs)));
    }

    private static String names(Collection<Seen> outputs) {
        return String.join(", ", outputs.stream().map(Seen::name).toList());
    }

    private static boolean contains(String name, String... parts) {
        String lower = name.toLowerCase(Locale.ROOT);
        return Arrays.stream(parts).anyMatch(lower::contains);
    }

    private static String lower(Task task) {
        return task.name().toLowerCase(Locale.ROOT);
    }

    private ModelException wrong(String what) {
        return new ModelException(path + ": " + what);
    }

    /** The product; the largest long where it is larger. */
    private static long elements(long[] shape) {
        double elements = 1;
        for (long dimension : shape) {
            elements *= dimension;
        }
        return (long) elements;
    }

    static @Nullable ElementType elementType(TensorInfo info) {
        return switch (info.onnxType) {
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT -> ElementType.FLOAT;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE -> ElementType.DOUBLE;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64 -> ElementType.INT64;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32 -> ElementType.INT32;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL -> ElementType.BOOL;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING -> ElementType.STRING;
            default -> null;
        };
    }
}
