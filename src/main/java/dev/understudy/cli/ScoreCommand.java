package dev.understudy.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.SequenceWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.domain.Counted;
import dev.understudy.domain.FeatureMap;
import dev.understudy.domain.RowResult;
import dev.understudy.model.ModelException;
import dev.understudy.model.onnx.OnnxModel;
import dev.understudy.model.onnx.OnnxSettings;
import dev.understudy.rows.Row;
import dev.understudy.rows.RowColumns;
import dev.understudy.rows.RowReader;
import dev.understudy.rows.RowsException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "score",
        description = {
            "Score a file of rows with a model, without Kafka. Prints one JSON object a row, in the order of the input.",
            "A row that cannot be scored prints an error with a code and what the model expects; the others go on, and"
                    + " the exit code stays 0: how many failed is said on standard error."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  understudy score --model models/fraud/v2 --input models/fraud/requests.csv \\",
            "      --ignore request_id,entity_id,region,label",
            "  echo '{\"features\":{\"X\":[5.1,3.5,1.4,0.2]}}' | understudy score --model iris.onnx --input -",
            "",
            "Codes: MISSING_FEATURE, UNKNOWN_FEATURE, WRONG_TYPE, WRONG_LENGTH, OUT_OF_RANGE, MODEL_FAILED, BAD_ROW."
        })
final class ScoreCommand implements Callable<Integer> {
    private static final int BATCH = 256;
    private static final long PROGRESS_NANOS = 5_000_000_000L;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--model",
            required = true,
            paramLabel = "PATH",
            description = "A version's directory, such as models/fraud/v1, or an .onnx file.")
    private Path model;

    @Mixin
    private RowInput input;

    @Option(
            names = "--ignore",
            split = ",",
            paramLabel = "COLUMN",
            description = "Columns or features to leave out; any other that the model does not know is an error.")
    private List<String> ignored = List.of();

    private long failed;
    private String firstFailure = "";

    @Override
    public Integer call() throws ModelException, RowsException, IOException {
        try (OnnxModel scorer = OnnxModel.open(model, OnnxSettings.strict());
                RowReader rows = input.open(
                        new RowColumns(
                                input.header(),
                                Optional.empty(),
                                Optional.empty(),
                                List.of(),
                                Optional.empty(),
                                ignored),
                        Optional.of(scorer.signature()))) {
            score(scorer, rows);
        }
        return 0;
    }

    private void score(OnnxModel scorer, RowReader rows) throws RowsException, IOException {
        PrintWriter out = spec.commandLine().getOut();
        long begin = System.nanoTime();
        long nextProgress = begin + PROGRESS_NANOS;
        long done = 0;
        try (SequenceWriter lines = JsonMapper.builder()
                .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
                .build()
                .writer()
                .withRootValueSeparator("\n")
                .writeValues(out)) {
            List<Row> batch = new ArrayList<>(BATCH);
            for (Row row = rows.next(); row != null; row = rows.next()) {
                batch.add(row);
                if (batch.size() == BATCH) {
                    done += write(scorer, batch, lines);
                    batch.clear();
                }
                if (System.nanoTime() >= nextProgress) {
                    nextProgress += PROGRESS_NANOS;
                    spec.commandLine().getErr().println(done + " rows scored");
                }
            }
            done += write(scorer, batch, lines);
        }
        if (done > 0) {
            out.println();
        }
        out.flush();
        if (failed > 0) {
            spec.commandLine()
                    .getErr()
                    .println(failed + " of " + Counted.of(done, "row") + " failed, the first: " + firstFailure);
        }
    }

    private int write(OnnxModel scorer, List<Row> batch, SequenceWriter lines) throws IOException {
        List<FeatureMap> features = new ArrayList<>(batch.size());
        for (Row row : batch) {
            if (row instanceof Row.Good good) {
                features.add(good.features());
            }
        }
        List<OnnxModel.FullAnswer> answers = scorer.scoreWithOutputs(features);
        int next = 0;
        for (Row row : batch) {
            ObjectNode line = JsonNodeFactory.instance.objectNode().put("row", row.number());
            if (row instanceof Row.Bad bad) {
                error(line, Row.Bad.CODE, bad.message());
            } else {
                answer(line, answers.get(next++));
            }
            lines.write(line);
        }
        return batch.size();
    }

    private void answer(ObjectNode line, OnnxModel.FullAnswer answer) {
        if (answer.result() instanceof RowResult.Failed failed) {
            error(line, failed.code(), failed.message());
        } else if (answer.result() instanceof RowResult.Scored scored) {
            line.put("label", scored.label());
            line.put("score", scored.score());
            if (!scored.probabilities().isEmpty()) {
                scored.probabilities().forEach(line.putObject("probabilities")::put);
            }
            line.putPOJO("outputs", answer.outputs());
        }
    }

    private void error(ObjectNode line, String code, String message) {
        if (failed++ == 0) {
            firstFailure = code + ", " + message;
        }
        line.putObject("error").put("code", code).put("message", message);
    }
}
