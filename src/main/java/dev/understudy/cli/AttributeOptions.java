package dev.understudy.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** Attributes of a request, as a person says them. */
final class AttributeOptions {
    @Option(
            names = "--attr",
            paramLabel = "NAME=VALUE",
            description = "An attribute of the request, for flags that ask for it; may be given several times.")
    private List<String> attributes = List.of();

    /** In the order given. */
    Map<String, String> read(OptionValues values) {
        Map<String, String> read = new LinkedHashMap<>();
        for (String attribute : attributes) {
            int equals = attribute.indexOf('=');
            values.require(equals > 0, "--attr must be NAME=VALUE, such as region=eu, was '" + attribute + "'");
            String name = attribute.substring(0, equals);
            String before = read.put(name, attribute.substring(equals + 1));
            values.require(
                    before == null,
                    "--attr " + name + " is given twice ('" + before + "' and '" + read.get(name)
                            + "'); an attribute has one value");
        }
        return read;
    }
}
