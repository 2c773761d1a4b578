package dev.understudy.model.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.understudy.domain.Features;
import dev.understudy.domain.RowResult;
import dev.understudy.model.ModelSignature.ElementType;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Calls a model that was just loaded with made-up rows: to learn the shapes of its outputs, and how many rows a call
 * may have without a row's answer depending on the others.
 *
 * <p>ONNX Runtime multiplies a single row with another kernel than several, which adds up in another order: a
 * logistic regression gave other last bits for one row than for the same row among many, never between batches of two
 * and more (docs/decisions/0003-same-answer-in-every-batch.md). So single rows are doubled, except for graphs of trees
 * alone; then made-up rows are scored in batches of several sizes, and a model that still answers differently is
 * called one row at a time.
 */
final class Trial {
    private static final int ROWS = 17;
    private static final int[] SIZES = {2, 3, 8};
    private static final int MOST_ROWS = 1024;
    private static final long MOST_BYTES = 1 << 26;
    /** Operators whose rows are computed apart, in the same order, in calls of any size. */
    private static final Set<String> ROW_BY_ROW =
            Set.of("TreeEnsembleClassifier", "TreeEnsembleRegressor", "TreeEnsemble", "ZipMap", "Cast", "Identity");

    private final OrtEnvironment environment;
    private final OrtSession session;
    private final InputLayout layout;
    private final ModelFiles files;
    private final int fixedRows;
    private final Set<String> readable;

    Trial(
            OrtEnvironment environment,
            OrtSession session,
            InputLayout layout,
            ModelFiles files,
            int fixedRows,
            Set<String> readable) {
        this.environment = environment;
        this.session = session;
        this.layout = layout;
        this.files = files;
        this.fixedRows = fixedRows;
        this.readable = readable;
    }

    /** What made-up rows are made of. */
    enum Filling {
        VARIED,
        ZEROS,
        ONES
    }

    /**
     * What was seen.
     *
     * @param passed whether any call succeeded; a model may refuse all made-up rows, such as unknown categories
     * @param outputs of the last successful call, by name; empty if none succeeded
     * @param rows rows of that call
     */
    record Outcome(boolean passed, Filling filling, Map<String, OutputValues> outputs, int rows, BatchRule rule) {}

    Outcome run() throws OrtException {
        OrtException refusal = null;
        for (Filling filling : Filling.values()) {
            try {
                return run(filling);
            } catch (OrtException refused) {
                refusal = refusal == null ? refused : refusal;
            }
        }
        if (refusal != null && !mayRefuseMadeUpRows()) {
            throw refusal;
        }
        BatchRule unproven = fixedRows > 0 ? fixed() : new BatchRule(2, mostRows(), "the model refused made-up rows");
        return new Outcome(false, Filling.VARIED, Map.of(), 0, unproven);
    }

    private Outcome run(Filling filling) throws OrtException {
        if (fixedRows > 0) {
            return new Outcome(true, filling, call(filling, 0, fixedRows), fixedRows, fixed());
        }
        int rows = Math.min(ROWS, mostRows());
        Map<String, OutputValues> single = call(filling, 0, 1);
        Map<String, OutputValues> together;
        try {
            together = call(filling, 0, rows);
        } catch (OrtException onlyOneRowAtATime) {
            return new Outcome(
                    true, filling, single, 1, new BatchRule(1, 1, "the model does not take several rows in a call"));
        }
        int least = files.graph().operators().isEmpty()
                        || !ROW_BY_ROW.containsAll(files.graph().operators())
                ? 2
                : 1;
        for (int size : least == 1 ? new int[] {1, 2, 3, 8} : SIZES) {
            for (int from = 0; from + size <= rows; from += size) {
                if (!sameBits(call(filling, from, size), together, from, size)) {
                    return new Outcome(
                            true,
                            filling,
                            single,
                            1,
                            new BatchRule(1, 1, "a row's answer depends on the rows beside it in a call"));
                }
            }
        }
        String reason = least == 1 ? "trees: any number of rows" : "single rows are doubled";
        return new Outcome(true, filling, together, rows, new BatchRule(least, mostRows(), reason));
    }

    private BatchRule fixed() {
        return new BatchRule(fixedRows, fixedRows, "the model's batch dimension is " + fixedRows);
    }

    private int mostRows() {
        long bytesPerRow = 1;
        for (InputLayout.Tensor tensor : layout.tensors()) {
            bytesPerRow += 8L * tensor.rowElements();
        }
        return (int) Math.max(2, Math.min(MOST_ROWS, MOST_BYTES / bytesPerRow));
    }

    /** Categories and indices have values that made-up ones do not hit. */
    private boolean mayRefuseMadeUpRows() {
        boolean onlyNumbers = layout.tensors().stream()
                .allMatch(
                        t -> t.input().type() == ElementType.FLOAT || t.input().type() == ElementType.DOUBLE);
        Set<String> picky = new LinkedHashSet<>(files.graph().operators());
        picky.retainAll(Set.of(
                "OneHotEncoder",
                "LabelEncoder",
                "CategoryMapper",
                "DictVectorizer",
                "Gather",
                "GatherND",
                "GatherElements"));
        return !onlyNumbers || !picky.isEmpty();
    }

    private Map<String, OutputValues> call(Filling filling, int from, int rows) throws OrtException {
        try (InputBuffers input = new InputBuffers(environment, layout, UnknownFeatures.REFUSE, rows)) {
            input.ensureCapacity(rows);
            for (int row = 0; row < rows; row++) {
                RowResult.Failed failure = input.write(row, row(layout, filling, from + row));
                if (failure != null) {
                    throw new IllegalStateException("a made-up row does not fit: " + failure.message());
                }
            }
            var tensors = input.tensors(rows);
            try (OrtSession.Result result = session.run(tensors, readable)) {
                return CallBuffers.read(result, rows, List.of());
            } finally {
                for (int i = 0; i < input.names().size(); i++) {
                    var tensor = tensors.get(input.names().get(i));
                    if (tensor != null && !input.keepsTensor(i)) {
                        tensor.close();
                    }
                }
            }
        }
    }

    private static boolean sameBits(
            Map<String, OutputValues> part, Map<String, OutputValues> whole, int from, int rows) {
        for (Map.Entry<String, OutputValues> output : part.entrySet()) {
            OutputValues expected = whole.get(output.getKey());
            if (expected == null || expected.perRow() != output.getValue().perRow()) {
                return false;
            }
            for (int row = 0; row < rows; row++) {
                // Boxed numbers compare by their bits, NaN too.
                if (!output.getValue().plain(row).equals(expected.plain(from + row))) {
                    return false;
                }
            }
        }
        return true;
    }

    /** A made-up row: the same for the same number, on every machine. */
    static Features row(InputLayout layout, Filling filling, int number) {
        SplittableRandom random = new SplittableRandom(20_260_101L + number);
        double scale = new double[] {1, 30, 1000, 0.1}[number % 4];
        return visitor -> {
            for (InputLayout.Tensor tensor : layout.tensors()) {
                ElementType type = tensor.input().type();
                List<String> features = tensor.input().features();
                if (tensor.isVector()) {
                    double[] vector = new double[tensor.rowElements()];
                    Arrays.setAll(vector, i -> number(type, filling, random, scale));
                    visitor.vector(features.get(0), vector);
                    continue;
                }
                for (String feature : features) {
                    switch (type) {
                        case STRING -> visitor.text(feature, "a");
                        case BOOL -> visitor.bool(feature, number(type, filling, random, scale) != 0);
                        default -> visitor.number(feature, number(type, filling, random, scale));
                    }
                }
            }
        };
    }

    private static double number(ElementType type, Filling filling, SplittableRandom random, double scale) {
        return switch (filling) {
            case ZEROS -> 0;
            case ONES -> 1;
            case VARIED ->
                type == ElementType.FLOAT || type == ElementType.DOUBLE
                        ? (random.nextDouble() + random.nextDouble() + random.nextDouble() - 1.5) * scale
                        : random.nextInt(2);
        };
    }
}
