package dev.understudy.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.bench.Spread;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.stream.Stream;

/** What the reports of all benchmarks have in common. */
final class BenchJson {
    private BenchJson() {}

    /** A report that begins with when and with what it was made, and the machine. */
    static ObjectNode report() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("date", LocalDate.now(ZoneOffset.UTC).toString());
        json.put("version", CodeVersion.text());
        ObjectNode machine = json.putObject("machine");
        machine.put("cores", Runtime.getRuntime().availableProcessors());
        machine.put("processor", processor().orElse(null));
        machine.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        machine.put("java", System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
        return json;
    }

    static ObjectNode spread(Spread spread) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("median", spread.median());
        json.put("min", spread.min());
        json.put("max", spread.max());
        return json;
    }

    /** Where the system says it as Linux does. */
    private static Optional<String> processor() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst();
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
