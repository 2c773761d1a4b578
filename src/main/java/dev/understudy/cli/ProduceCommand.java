package dev.understudy.cli;

import dev.understudy.app.Understudy;
import dev.understudy.domain.Request;
import dev.understudy.kafka.TopicWriter;
import dev.understudy.rows.Row;
import dev.understudy.rows.RowColumns;
import dev.understudy.rows.RowReader;
import dev.understudy.rows.RowsException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "produce",
        description = {
            "Send request events to prediction-requests, from CSV or JSON lines.",
            "In CSV, ids and attributes come from the columns named here, and every other column is a feature. In JSON"
                    + " lines they are the keys requestId, entityId, attributes and features, such as"
                    + " {\"features\":{\"age\":41}}."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  understudy produce --input models/fraud/requests.csv --entity-id entity_id --request-id request_id \\",
            "      --attribute region --ignore label",
            "  understudy produce --input requests.jsonl --rate 100",
            "",
            "A row without a request id gets a random one; a row without an entity id is its own entity."
        })
final class ProduceCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ConfigOptions config;

    @Mixin
    private RowInput input;

    @Option(names = "--entity-id", paramLabel = "COLUMN", description = "CSV column of entity ids, the sticky unit.")
    private @Nullable String entityId;

    @Option(names = "--request-id", paramLabel = "COLUMN", description = "CSV column of request ids.")
    private @Nullable String requestId;

    @Option(
            names = "--attribute",
            split = ",",
            paramLabel = "COLUMN",
            description = "CSV columns that become attributes, for targeting and segments.")
    private List<String> attributes = List.of();

    @Option(names = "--ignore", split = ",", paramLabel = "COLUMN", description = "CSV columns to leave out.")
    private List<String> ignored = List.of();

    @Mixin
    private Pace pace;

    @Option(names = "--format", defaultValue = "table", description = "table or json (default: ${DEFAULT-VALUE}).")
    private Format format;

    @Override
    public Integer call() throws RowsException {
        pace.check();
        SendReport report = new SendReport("request", spec.commandLine().getErr());
        try (Understudy understudy = Understudy.of(config.load());
                RowReader rows = input.open(
                        new RowColumns(
                                input.header(),
                                Optional.ofNullable(requestId),
                                Optional.ofNullable(entityId),
                                attributes,
                                Optional.empty(),
                                ignored),
                        Optional.empty());
                TopicWriter<String, Request> writer =
                        understudy.writer(understudy.topics().predictionRequests())) {
            for (Row row = rows.next(); row != null; row = rows.next()) {
                if (row instanceof Row.Bad unreadable) {
                    report.unreadable(unreadable.message());
                } else if (row instanceof Row.Good good) {
                    pace.await(report.count());
                    Request request = request(good);
                    writer.send(request.entityId(), request);
                    report.sent();
                }
            }
            writer.flush();
        }
        if (entityId == null && input.isCsv()) {
            spec.commandLine()
                    .getErr()
                    .println(
                            "Note: no --entity-id names a column, so every row was sent as an entity of its own, and every"
                                    + " column that nothing names as a feature.");
        }
        return report.finish(format, spec.commandLine().getOut());
    }

    private static Request request(Row.Good row) {
        String id = row.requestId().orElseGet(() -> UUID.randomUUID().toString());
        return new Request(id, row.entityId().orElse(id), row.attributes(), System.currentTimeMillis(), row.features());
    }
}
