package dev.understudy.cli;

import dev.understudy.app.Understudy;
import dev.understudy.avro.Outcome;
import dev.understudy.domain.FeatureMap;
import dev.understudy.domain.FeatureValue;
import dev.understudy.kafka.TopicWriter;
import dev.understudy.rows.JsonFields;
import dev.understudy.rows.JsonFields.BadFieldException;
import dev.understudy.rows.JsonLines;
import dev.understudy.rows.Row;
import dev.understudy.rows.RowColumns;
import dev.understudy.rows.RowReader;
import dev.understudy.rows.RowsException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "outcomes",
        description = {
            "Send what really happened to the topic outcomes, from CSV or JSON lines.",
            "In CSV the columns are named here. In JSON lines they are the keys requestId, entityId, label, value,"
                    + " businessValue and observedAt."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  understudy outcomes --input models/fraud/requests.csv --request-id request_id --entity-id entity_id \\",
            "      --label label",
            "  understudy outcomes --input outcomes.jsonl",
            "",
            "An outcome belongs to the request with the same entity and request id. It needs a label (classes), a value"
                    + " (regression) or a business value. Without a time it was observed now."
        })
final class OutcomesCommand implements Callable<Integer> {
    private static final List<String> KEYS =
            List.of("requestId", "entityId", "label", "value", "businessValue", "observedAt");

    @Spec
    private CommandSpec spec;

    @Mixin
    private ConfigOptions config;

    @Mixin
    private RowInput input;

    @Mixin
    private Pace pace;

    @Option(names = "--request-id", paramLabel = "COLUMN", description = "CSV column of request ids.")
    private @Nullable String requestId;

    @Option(
            names = "--entity-id",
            paramLabel = "COLUMN",
            description = "CSV column of entity ids; without it a request is its own entity.")
    private @Nullable String entityId;

    @Option(names = "--label", paramLabel = "COLUMN", description = "CSV column of the true class.")
    private @Nullable String label;

    @Option(names = "--value", paramLabel = "COLUMN", description = "CSV column of the true value, for regression.")
    private @Nullable String value;

    @Option(names = "--business-value", paramLabel = "COLUMN", description = "CSV column of what it was worth.")
    private @Nullable String businessValue;

    @Option(
            names = "--observed-at",
            paramLabel = "COLUMN",
            description = "CSV column of when it was known: ISO-8601, or milliseconds since 1970.")
    private @Nullable String observedAt;

    @Option(names = "--format", defaultValue = "table", description = "table or json (default: ${DEFAULT-VALUE}).")
    private Format format;

    @Override
    public Integer call() throws RowsException {
        SendReport report = new SendReport("outcome", spec.commandLine().getErr());
        boolean csv = input.isCsv();
        pace.check();
        if (csv && requestId == null) {
            throw new ParameterException(spec.commandLine(), "--request-id must name a column of the CSV file");
        }
        if (csv && label == null && value == null && businessValue == null) {
            throw new ParameterException(
                    spec.commandLine(), "--label, --value or --business-value must name a column of the CSV file");
        }
        try (Understudy understudy = Understudy.of(config.load());
                TopicWriter<String, Outcome> writer =
                        understudy.writer(understudy.topics().outcomes())) {
            if (csv) {
                sendCsv(writer, report);
            } else {
                sendJson(writer, report);
            }
            writer.flush();
        }
        return report.finish(format, spec.commandLine().getOut());
    }

    private void sendCsv(TopicWriter<String, Outcome> writer, SendReport report) throws RowsException {
        RowColumns columns = new RowColumns(
                input.header(),
                Optional.ofNullable(requestId),
                Optional.ofNullable(entityId),
                List.of(),
                Optional.ofNullable(label),
                List.of());
        try (RowReader rows = input.open(columns, Optional.empty())) {
            for (Row row = rows.next(); row != null; row = rows.next()) {
                if (row instanceof Row.Bad bad) {
                    report.unreadable(bad.message());
                } else if (row instanceof Row.Good good) {
                    try {
                        send(writer, outcome(good), report);
                    } catch (BadFieldException e) {
                        report.unreadable("line " + good.line() + ": " + e.getMessage());
                    }
                }
            }
        }
    }

    private Outcome outcome(Row.Good row) throws BadFieldException {
        String id = row.requestId()
                .orElseThrow(() -> new BadFieldException("column '" + requestId + "' must not be empty"));
        String time = text(row.features(), observedAt);
        return outcome(
                id,
                row.entityId().orElse(id),
                row.outcome().orElse(null),
                number(row.features(), value),
                number(row.features(), businessValue),
                time == null ? System.currentTimeMillis() : JsonFields.millisOf(String.valueOf(observedAt), time));
    }

    private static @Nullable String text(FeatureMap cells, @Nullable String column) throws BadFieldException {
        FeatureValue cell = cell(cells, column);
        if (cell instanceof FeatureValue.Text given) {
            return given.value();
        }
        return cell instanceof FeatureValue.Whole given ? Long.toString(given.value()) : null;
    }

    private static @Nullable Double number(FeatureMap cells, @Nullable String column) throws BadFieldException {
        FeatureValue cell = cell(cells, column);
        if (cell instanceof FeatureValue.Real given && Double.isFinite(given.value())) {
            return given.value();
        }
        if (cell instanceof FeatureValue.Whole given) {
            return (double) given.value();
        }
        if (cell == null || cell instanceof FeatureValue.Missing) {
            return null;
        }
        throw new BadFieldException("column '" + column + "' must be a finite number");
    }

    private static @Nullable FeatureValue cell(FeatureMap cells, @Nullable String column) throws BadFieldException {
        if (column == null) {
            return null;
        }
        FeatureValue cell = cells.values().get(column);
        if (cell == null) {
            throw new BadFieldException("the file has no column '" + column + "'; its columns are "
                    + String.join(", ", cells.values().keySet()));
        }
        return cell;
    }

    private void sendJson(TopicWriter<String, Outcome> writer, SendReport report) throws RowsException {
        try (JsonLines lines = input.openLines()) {
            for (JsonLines.Line line = lines.next(); line != null; line = lines.next()) {
                if (line.object() == null) {
                    report.unreadable("line " + line.number() + ": " + line.problem());
                    continue;
                }
                try {
                    JsonFields fields = new JsonFields(line.object(), KEYS);
                    String id = fields.text("requestId");
                    if (id == null) {
                        throw new BadFieldException("\"requestId\" is missing");
                    }
                    String entity = fields.text("entityId");
                    Long time = fields.millis("observedAt");
                    send(
                            writer,
                            outcome(
                                    id,
                                    entity == null ? id : entity,
                                    fields.text("label"),
                                    fields.number("value"),
                                    fields.number("businessValue"),
                                    time == null ? System.currentTimeMillis() : time),
                            report);
                } catch (BadFieldException e) {
                    report.unreadable("line " + line.number() + ": " + e.getMessage());
                }
            }
        }
    }

    private static Outcome outcome(
            String id,
            String entity,
            @Nullable String label,
            @Nullable Double value,
            @Nullable Double business,
            long time)
            throws BadFieldException {
        if (label == null && value == null && business == null) {
            throw new BadFieldException("an outcome must have a label, a value or a business value");
        }
        return new Outcome(id, entity, label, value, business, time);
    }

    private void send(TopicWriter<String, Outcome> writer, Outcome outcome, SendReport report) {
        pace.await(report.count());
        writer.send(outcome.getEntityId(), outcome);
        report.sent();
    }
}
