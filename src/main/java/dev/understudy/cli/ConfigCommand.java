package dev.understudy.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.understudy.app.Configured;
import dev.understudy.config.ConfigLoader;
import dev.understudy.config.ConfigurationException;
import dev.understudy.config.Setting;
import dev.understudy.config.UnderstudyConfig;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "config",
        description = "Look at understudy.yaml: what it says, and whether it is right.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  understudy config check -c understudy.yaml",
            "  understudy config show                      every key as it counts, and where it comes from",
            "  understudy config schema > understudy.schema.json",
            "",
            "An editor that knows YAML schemas completes and checks the file when its first line is:",
            "  # yaml-language-server: $schema=understudy.schema.json"
        },
        subcommands = {
            ConfigCommand.Check.class,
            ConfigCommand.Show.class,
            ConfigCommand.Schema.class,
            ConfigCommand.Reference.class
        })
final class ConfigCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "a command is expected: " + String.join(", ", spec.subcommands().keySet()));
    }

    private static List<Setting> settings(ConfigOptions config) {
        return ConfigLoader.ofProcess().settings(config.file());
    }

    @Command(
            name = "check",
            description = {
                "Check the configuration and the files of secrets that it names. No broker, registry, flag system or model is"
                        + " asked: `doctor` does that.",
                "Exits with 2 and says which key is wrong, its value and what would be right."
            },
            footerHeading = "%nExamples:%n",
            footer = {
                "  understudy config check",
                "  understudy config check -c understudy.yaml && understudy run -c understudy.yaml"
            })
    static final class Check implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Mixin
        private ConfigOptions config;

        @Override
        public Integer call() throws ConfigurationException {
            UnderstudyConfig loaded = config.load();
            Configured.check(loaded);
            Configured.unknownProperties(loaded)
                    .forEach(note -> spec.commandLine().getErr().println("Note: " + note));
            @Nullable Path file = config.file();
            long differs = settings(config).stream().filter(Setting::isSet).count();
            PrintWriter out = spec.commandLine().getOut();
            out.println((file == null ? "The defaults are right" : file + " is right") + ": " + differs
                    + (differs == 1 ? " key is" : " keys are") + " set.");
            return 0;
        }
    }

    @Command(
            name = "show",
            description = {
                "Show every key as it counts, and where it comes from if not the defaults: the file or an environment variable.",
                "Secrets are not shown: of client properties only those that Kafka knows and does not hold for secrets."
            },
            footerHeading = "%nExamples:%n",
            footer = {
                "  understudy config show",
                "  understudy config show --format json | jq '.[] | select(.from != \"defaults\")'"
            })
    static final class Show implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Mixin
        private ConfigOptions config;

        @Option(names = "--format", defaultValue = "table", description = "table or json (default: ${DEFAULT-VALUE}).")
        private Format format;

        @Override
        public Integer call() throws ConfigurationException {
            PrintWriter out = spec.commandLine().getOut();
            List<Setting> settings = settings(config);
            if (format == Format.JSON) {
                ArrayNode array = JsonNodeFactory.instance.arrayNode();
                settings.forEach(setting -> array.addObject()
                        .put("key", setting.key())
                        .put("value", setting.value())
                        .put("from", setting.origin()));
                out.println(array.toPrettyString());
                return 0;
            }
            int width = settings.stream()
                    .mapToInt(setting -> setting.key().length())
                    .max()
                    .orElse(1);
            for (Setting setting : settings) {
                out.println(String.format("%-" + width + "s  %s", setting.key(), setting.value())
                        + (setting.isSet() ? "    from " + setting.origin() : ""));
            }
            return 0;
        }
    }

    @Command(
            name = "schema",
            description = "Print the JSON Schema of understudy.yaml, for editors.",
            footerHeading = "%nExamples:%n",
            footer = "  understudy config schema > understudy.schema.json")
    static final class Schema implements Runnable {
        @Spec
        private CommandSpec spec;

        @Override
        public void run() {
            spec.commandLine()
                    .getOut()
                    .println(ConfigLoader.ofProcess().reference().schema().toPrettyString());
        }
    }

    @Command(
            name = "reference",
            description = "Print what every key means, as Markdown.",
            footerHeading = "%nExamples:%n",
            footer = "  understudy config reference > configuration.md")
    static final class Reference implements Runnable {
        @Spec
        private CommandSpec spec;

        @Override
        public void run() {
            PrintWriter out = spec.commandLine().getOut();
            out.print(ConfigLoader.ofProcess().reference().markdown());
            out.flush();
        }
    }
}
