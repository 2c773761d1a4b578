package dev.understudy.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.app.Understudy;
import dev.understudy.kafka.Topic;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "list",
        description = {
            "List the topics with the configuration that they are to have; contacts nobody.",
            "The last ones Kafka Streams makes itself at the first start of EVALUATE, unless they are there."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  understudy topics list", "  understudy topics list --format json | jq -r '.[].topic'"})
final class TopicsListCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ConfigOptions config;

    @Option(names = "--format", defaultValue = "table", description = "table or json (default: ${DEFAULT-VALUE}).")
    private Format format;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        try (Understudy understudy = Understudy.of(config.load())) {
            Table table = new Table("topic", "partitions", "configuration");
            ArrayNode array = JsonNodeFactory.instance.arrayNode();
            for (Topic<?, ?> topic : understudy.topics().all()) {
                add(table, array, topic.name(), topic.partitioning(), topic.configuration());
            }
            understudy
                    .streamsTopics()
                    .forEach((name, configuration) ->
                            add(table, array, name, Topic.Partitioning.WITH_REQUESTS, configuration));
            out.print(format == Format.JSON ? array.toPrettyString() + System.lineSeparator() : table);
            out.flush();
        }
        return 0;
    }

    private static void add(
            Table table,
            ArrayNode array,
            String name,
            Topic.Partitioning partitioning,
            Map<String, String> configuration) {
        table.row(
                name,
                partitioning == Topic.Partitioning.WITH_REQUESTS ? "as requests" : "1 or more",
                configuration.entrySet().stream()
                        .sorted(Map.Entry.comparingByKey())
                        .map(entry -> entry.getKey() + "=" + entry.getValue())
                        .collect(Collectors.joining(" ")));
        ObjectNode node = array.addObject()
                .put("topic", name)
                .put("partitioning", partitioning.name().toLowerCase(Locale.ROOT));
        configuration.forEach(node.putObject("configuration")::put);
    }
}
