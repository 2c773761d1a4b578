package dev.understudy.kafka.avro;

import dev.understudy.avro.Comparison;
import dev.understudy.avro.Disagreement;
import dev.understudy.avro.Outcome;
import dev.understudy.avro.Prediction;
import dev.understudy.avro.PredictionRequest;
import dev.understudy.avro.ReadinessSummary;
import dev.understudy.avro.RolloutStage;
import dev.understudy.avro.ShadowRequest;
import dev.understudy.avro.WindowSummary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.SchemaFormatter;

/**
 * The schemas of the topics' records, now and in the releases. {@link #main} writes the current ones as a release:
 *
 * <pre>java -cp 'target/test-classes:target/classes:target/lib/*' dev.understudy.kafka.avro.SchemaHistory 0.2</pre>
 */
final class SchemaHistory {
    static final Path RELEASED = Path.of("schemas/released");

    private SchemaHistory() {}

    /** What stands in topics, as a registry holds it: whole, without {@code avro.java.string}. */
    static Map<String, Schema> current() {
        Map<String, Schema> current = new TreeMap<>();
        Stream.of(
                        PredictionRequest.getClassSchema(),
                        Prediction.getClassSchema(),
                        ShadowRequest.getClassSchema(),
                        Comparison.getClassSchema(),
                        Outcome.getClassSchema(),
                        RolloutStage.getClassSchema(),
                        WindowSummary.getClassSchema(),
                        ReadinessSummary.getClassSchema(),
                        Disagreement.getClassSchema())
                .forEach(schema -> current.put(schema.getName(), PlainSchema.of(schema)));
        return current;
    }

    /** By release and name of the record. */
    static Map<String, Map<String, Schema>> released() {
        Map<String, Map<String, Schema>> released = new TreeMap<>();
        try (Stream<Path> files = Files.walk(RELEASED)) {
            files.filter(file -> file.toString().endsWith(".avsc")).forEach(file -> {
                Schema schema = parse(file);
                released.computeIfAbsent(RELEASED.relativize(file).getName(0).toString(), release -> new TreeMap<>())
                        .put(schema.getName(), schema);
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return released;
    }

    /** Every way in which the current schemas break what a release promised, in words; empty when none does. */
    static List<String> violations(Map<String, Schema> current, Map<String, Map<String, Schema>> released) {
        List<String> violations = new ArrayList<>();
        released.forEach((release, schemas) -> schemas.forEach((name, then) -> {
            Schema now = current.get(name);
            if (now == null) {
                violations.add(name + " of release " + release + " is gone: topics still hold such records");
                return;
            }
            unreadable(now, then)
                    .forEach(why -> violations.add(
                            name + ": the current schema cannot read what release " + release + " wrote: " + why));
            unreadable(then, now)
                    .forEach(why -> violations.add(
                            name + ": readers of release " + release + " cannot read what is written now: " + why));
        }));
        return violations;
    }

    private static List<String> unreadable(Schema reader, Schema writer) {
        SchemaCompatibility.SchemaPairCompatibility answer =
                SchemaCompatibility.checkReaderWriterCompatibility(reader, writer);
        return answer.getType() == SchemaCompatibilityType.COMPATIBLE
                ? List.of()
                : answer.getResult().getIncompatibilities().stream()
                        .map(found -> found.getType() + " at " + found.getLocation() + " (" + found.getMessage() + ")")
                        .toList();
    }

    private static Schema parse(Path file) {
        try {
            return PlainSchema.parse(Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes the current schemas as the release of that name, which must not exist. */
    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 1) {
            throw new IllegalArgumentException("expected one argument: the release, such as 0.2");
        }
        Path folder = Files.createDirectory(RELEASED.resolve(arguments[0]));
        for (Map.Entry<String, Schema> schema : current().entrySet()) {
            Files.writeString(
                    folder.resolve(schema.getKey() + ".avsc"),
                    SchemaFormatter.format("json/pretty", schema.getValue()) + System.lineSeparator());
        }
    }
}
