package dev.understudy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

final class CommandLineTest {
    private static final String V1 = "models/fraud/v1";
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "demo",
                "run",
                "score",
                "models",
                "topics",
                "topics list",
                "topics create",
                "topics check",
                "flags",
                "flags eval",
                "flags plan",
                "stage",
                "stage start",
                "stage show",
                "stage end",
                "produce",
                "outcomes",
                "evaluate",
                "readiness",
                "bench",
                "bench latency",
                "bench soak",
                "bench untouched"
            })
    void every_command_has_help(String command) {
        Ran help = Ran.command((command + " --help").split(" "));
        assertThat(help.exitCode()).isZero();
        assertThat(help.out()).contains("Usage: understudy " + command).contains("--verbose");
        assertThat(help.err()).isEmpty();
    }

    @Test
    void examples_stand_in_help_on_one_line_to_be_copied() {
        List<CommandLine> commands = withSubcommands(Main.commandLine());
        assertThat(commands).hasSizeGreaterThan(15);
        for (CommandLine command : commands) {
            assertThat(command.getUsageMessage().lines().map(String::stripTrailing))
                    .containsAll(Arrays.stream(
                                    command.getCommandSpec().usageMessage().footer())
                            .filter(line -> line.startsWith("  understudy"))
                            .map(line -> line.formatted().stripTrailing())
                            .toList());
        }
    }

    @Test
    void every_command_shows_examples_of_its_own() {
        for (CommandLine command : withSubcommands(Main.commandLine())) {
            if (command.getCommand() instanceof CommandLine.HelpCommand) {
                continue; // picocli's own
            }
            String name = command.getCommandSpec().qualifiedName();
            assertThat(command.getCommandSpec().usageMessage().footer())
                    .as(name)
                    .anyMatch(line -> line.startsWith("  " + name));
        }
    }

    private static List<CommandLine> withSubcommands(CommandLine command) {
        List<CommandLine> all = new ArrayList<>(List.of(command));
        command.getSubcommands().values().forEach(each -> all.addAll(withSubcommands(each)));
        return all;
    }

    @Test
    void wrong_option_exits_with_2_and_names_it() {
        Ran ran = Ran.command("readiness", "--folow");
        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.err()).contains("--folow");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "`` | understudy: a command is expected: demo, run, ",
                "topics | understudy topics: 'topics list', 'topics create' or 'topics check' is expected",
                "readiness --folow | understudy readiness: Unknown option: '--folow'",
                "score | understudy score: Missing required options: '--model=PATH', '--input=FILE'",
                "stage start --candidate v2 --percent many | understudy stage start: Invalid value for option '--percent': 'many' is not a whole number",
                "evaluate --input x --threshold NaN | 'NaN' is not a finite number",
                "evaluate --input x --threshold half | 'half' is not a number",
                "stage start --candidate v2 --percent 5 --margin flips | understudy stage start: Value for option '--margin' (GATE=VALUE) should be in KEY=VALUE format",
                "demo --kafka-port 99999 | understudy demo: --kafka-port must be 0 (any free port) to 65535, was 99999",
                "demo --registry-port -1 | understudy demo: --registry-port must be 0 (any free port) to 65535, was -1",
                "demo --kafka-port 9092 --registry-port 9092 | --registry-port must differ from --kafka-port, both were 9092",
                "bench --variants fast | understudy bench: --variants: there is no variant 'fast'; there are bare, copy",
                "bench latency --rates 0 | --rates: a rate is requests a second, such as 1000, or a share of saturation, such as 80%, was '0'",
                "bench latency --rates 120% | --rates: a share of saturation must be 1% to 100%, was 120%",
                "bench latency --seconds 0 | understudy bench latency: --seconds must be 1 to 600, was 0",
                "bench latency --rounds 0 | --rounds must be at least 1, was 0",
                "bench latency --commit-interval 0ms | --commit-interval must be positive, was 0s",
                "bench latency --linger soon | --linger: a duration such as 250ms, 10s, 5m, 24h or 7d (at most 36500d) is expected, was 'soon'",
                "bench latency --guarantees twice | expected one of [AT_LEAST_ONCE, EXACTLY_ONCE_V2]",
                "bench soak --minutes 0 | understudy bench soak: --minutes must be at least 1, was 0",
                "bench soak --rate 0 | --rate must be at least 1, was 0"
            })
    void wrong_usage_is_one_message_and_where_help_is(String arguments, String message) {
        Ran ran = arguments.isEmpty() ? Ran.command() : Ran.command(arguments.split(" "));
        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.out()).isEmpty();
        assertThat(ran.err()).contains(message).doesNotContain("Usage:", "option option");
        assertThat(ran.err().lines().toList())
                .hasSizeBetween(2, 3)
                .last()
                .asString()
                .matches("Try 'understudy.* --help'\\.");
    }

    @Test
    void wrong_value_of_the_configuration_is_told_without_what_reads_it() throws IOException {
        Path config = Files.writeString(folder.resolve("understudy.yaml"), "readiness: {alpha: 2.0}\n");
        Ran ran = Ran.command("topics", "list", "-c", config.toString());
        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.err())
                .isEqualToIgnoringNewLines("understudy topics list: " + config
                        + ": readiness.alpha must be above 0 and below 0.5, was 2.0");
    }

    @Test
    void models_of_a_directory_that_is_not_there_are_missed_in_words() {
        Ran ran = Ran.command("models", "--directory", folder.resolve("nope").toString());
        assertThat(ran.exitCode()).isEqualTo(1);
        assertThat(ran.err())
                .contains("nope does not exist; models are expected in")
                .doesNotContain("Exception");
        assertThat(Ran.command("models", "zebra").err()).contains("has no model 'zebra'. It has: ");
    }

    @Test
    void config_check_finds_client_properties_that_cannot_be_meant() throws IOException {
        Path config = Files.writeString(
                folder.resolve("understudy.yaml"), "kafka: {properties: {securty.protocol: SASL_SSL}}\n");
        Ran noted = Ran.command("config", "check", "-c", config.toString());
        assertThat(noted.exitCode()).as(noted.err()).isZero();
        assertThat(noted.err()).contains("'securty.protocol'; did you mean 'security.protocol'?");

        Files.writeString(config, "kafka: {properties: {security.protocol: SASL_SLS}}\n");
        Ran refused = Ran.command("config", "check", "-c", config.toString());
        assertThat(refused.exitCode()).isEqualTo(2);
        assertThat(refused.err()).contains("kafka.properties: ", "SASL_SLS");

        Files.writeString(config, "kafka: {bootstrap-servers: localhost}\n");
        assertThat(Ran.command("config", "check", "-c", config.toString()).err())
                .contains("kafka.bootstrap-servers must be host:port[,host:port], was 'localhost'");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "group.id=x | kafka.properties-file: %s must not set 'group.id': the group is the stage's application id",
                "security.protocol=SASL_SLS | kafka.properties-file: %s: Invalid value SASL_SLS for configuration security.protocol"
            })
    void what_is_refused_of_a_properties_file_is_told_with_the_file(String line, String message) throws IOException {
        Path file = Files.writeString(folder.resolve("client.properties"), line);
        Path config = Files.writeString(
                folder.resolve("understudy.yaml"),
                "kafka: {properties-file: client.properties, properties: {client.id: x}}\n");

        Ran ran = Ran.command("config", "check", "-c", config.toString());

        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.err()).contains(message.formatted(file));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "consumer.max.poll.records: abc | kafka.properties: Invalid value abc for configuration consumer.max.poll.records",
                "restore.consumer.fetch.min.bytes: -2 | Invalid value -2 for configuration restore.consumer.fetch.min.bytes",
                "producer.acks: 7 | kafka.properties: Invalid value 7 for configuration producer.acks",
                "acks: 7 | kafka.properties: Invalid value 7 for configuration acks",
                "admin.retries: many | kafka.properties: Invalid value many for configuration admin.retries",
                "task.timeout.ms: -1 | kafka.properties: Invalid value -1 for configuration task.timeout.ms",
                "producer.acks: 1 | kafka.properties: Must set acks to all"
            })
    void config_check_refuses_what_a_client_would_refuse_at_the_start(String property, String message)
            throws IOException {
        Path config = Files.writeString(
                folder.resolve("understudy.yaml"), "kafka: {properties: {" + property + ", my.plugin.setting: x}}\n");

        Ran ran = Ran.command("config", "check", "-c", config.toString());

        assertThat(ran.exitCode()).as(ran.err()).isEqualTo(2);
        assertThat(ran.err()).contains(message);
    }

    @Test
    void config_check_refuses_a_commit_interval_that_a_transaction_does_not_last() throws IOException {
        Path config = Files.writeString(folder.resolve("understudy.yaml"), "evaluate: {commit-interval: 20s}\n");

        assertThat(Ran.command("config", "check", "-c", config.toString()).err())
                .contains("stage evaluate: Transaction timeout 10000 was set lower than streams commit interval 20000");
    }

    @Test
    void config_check_takes_what_a_config_provider_puts_in() throws IOException {
        Path values = Files.writeString(folder.resolve("values.properties"), "records=50");
        Path config = Files.writeString(folder.resolve("understudy.yaml"), """
                kafka:
                  properties:
                    config.providers: file
                    config.providers.file.class: org.apache.kafka.common.config.provider.FileConfigProvider
                    consumer.max.poll.records: '${file:%s:records}'
                """.formatted(values));

        Ran ran = Ran.command("config", "check", "-c", config.toString());

        assertThat(ran.exitCode()).as(ran.err()).isZero();
    }

    @Test
    void what_is_refused_of_the_registrys_properties_file_is_told_with_the_file() throws IOException {
        Path file = Files.writeString(folder.resolve("registry.properties"), "max.retries=many");
        Path config = Files.writeString(
                folder.resolve("understudy.yaml"), "registry: {properties-file: registry.properties}\n");

        assertThat(Ran.command("config", "check", "-c", config.toString()).err())
                .contains("registry.properties-file: " + file + ": Invalid value many for configuration max.retries");
    }

    @Test
    void lines_of_a_broken_entry_are_counted_and_never_shown() throws IOException {
        Files.writeString(folder.resolve("client.properties"), """
                securty.protocol=SASL_SSL
                sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required
                  username="planted"
                  password="planted; with = planted";
                planted
                planted.planted
                """);
        Path config =
                Files.writeString(folder.resolve("understudy.yaml"), "kafka: {properties-file: client.properties}\n");

        Ran ran = Ran.command("config", "check", "-c", config.toString());

        assertThat(ran.err())
                .contains("client.properties: Kafka knows no client property 'securty.protocol'; did you mean"
                        + " 'security.protocol'?")
                .contains("client.properties: 4 entries that cannot be meant")
                .doesNotContain("planted");
    }

    @Test
    void unknown_configuration_key_exits_with_2_and_names_the_nearest() throws IOException {
        Path config = Files.writeString(folder.resolve("understudy.yaml"), "score: {thread: 2}\n");
        Ran ran = Ran.command("topics", "list", "-c", config.toString());
        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.err())
                .contains("unknown key 'score.thread'; did you mean 'score.threads'?")
                .doesNotContain("\tat ");
    }

    @Test
    void unreachable_broker_exits_with_1_and_names_the_address() throws IOException {
        Path config =
                Files.writeString(folder.resolve("understudy.yaml"), "kafka: {bootstrap-servers: '127.0.0.1:1'}\n");
        Ran ran = Ran.command("stage", "show", "-c", config.toString());
        assertThat(ran.exitCode()).isEqualTo(1);
        assertThat(ran.err()).contains("127.0.0.1:1").doesNotContain("\tat ");
    }

    @Test
    void topics_of_an_unreachable_broker_are_missed_without_classes_and_iso_durations() throws IOException {
        Path config =
                Files.writeString(folder.resolve("understudy.yaml"), "kafka: {bootstrap-servers: '127.0.0.1:1'}\n");
        Ran ran = Ran.command("topics", "create", "-c", config.toString());
        assertThat(ran.exitCode()).isEqualTo(1);
        assertThat(ran.err())
                .contains("kafka.bootstrap-servers=127.0.0.1:1 within 10s; is it running")
                .doesNotContain("PT", "Exception", "Timed out", "listNodes");
    }

    @Test
    void verbose_shows_the_stack_trace() {
        Ran ran = Ran.command("score", "--model", "models/fraud/v9", "--input", "-", "--verbose");
        assertThat(ran.exitCode()).isEqualTo(1);
        assertThat(ran.err()).contains("models/fraud/v9").contains("\tat ");
    }

    @Test
    void rows_are_scored_in_the_order_of_the_input() throws IOException {
        Ran ran = Ran.command(
                "score",
                "--model",
                V1,
                "--input",
                "models/fraud/requests.csv",
                "--ignore",
                "request_id,entity_id,region,label");
        assertThat(ran.err()).isEmpty();
        assertThat(ran.exitCode()).isZero();
        List<JsonNode> lines = lines(ran.out());
        assertThat(lines).hasSizeGreaterThan(1000);
        for (int row = 0; row < lines.size(); row++) {
            assertThat(lines.get(row).path("row").asInt()).isEqualTo(row);
            assertThat(lines.get(row).path("label").asText()).isIn("0", "1");
            assertThat(lines.get(row).path("score").asDouble()).isBetween(0.0, 1.0);
            assertThat(lines.get(row).path("probabilities").path("0").asDouble()
                            + lines.get(row).path("probabilities").path("1").asDouble())
                    .isBetween(0.999_999, 1.000_001);
            assertThat(lines.get(row).path("outputs").isObject()).isTrue();
        }
    }

    @Test
    void row_that_does_not_fit_is_an_error_with_code_and_the_others_go_on() throws IOException {
        Path input = Files.writeString(folder.resolve("rows.jsonl"), """
                {"features":{"X":[5.1,3.5]}}
                {"features":{"amount":"much"}}
                not json
                {"features":{"amonut":1}}
                """);
        Ran ran = Ran.command("score", "--model", V1, "--input", input.toString());
        assertThat(ran.exitCode()).isZero();
        assertThat(ran.err()).contains("4 of 4 rows failed, the first: ");
        List<JsonNode> lines = lines(ran.out());
        assertThat(lines).hasSize(4);
        assertThat(lines).allSatisfy(line -> {
            assertThat(line.path("error").path("code").asText()).isNotEmpty();
            assertThat(line.path("error").path("message").asText()).isNotEmpty();
        });
        assertThat(lines.get(1).path("error").path("code").asText()).isEqualTo("WRONG_TYPE");
        assertThat(lines.get(1).path("error").path("message").asText())
                .contains("amount")
                .doesNotContain("much");
        assertThat(lines.get(2).path("error").path("code").asText()).isEqualTo("BAD_ROW");
        assertThat(lines.get(3).path("error").path("code").asText()).isEqualTo("UNKNOWN_FEATURE");
        assertThat(lines.get(3).path("error").path("message").asText()).contains("amonut");
    }

    @Test
    void feature_that_the_model_does_not_know_is_told_in_sentences() throws IOException {
        Path input = Files.writeString(folder.resolve("rows.jsonl"), """
                {"features":{"request_id":"r1"}}
                {"feature":{},"features":{}}
                {"cells":{}}
                """);
        List<JsonNode> lines = lines(
                Ran.command("score", "--model", V1, "--input", input.toString()).out());
        assertThat(lines)
                .extracting(line -> line.path("error").path("message").asText())
                .satisfiesExactly(
                        unknown -> assertThat(unknown).contains("unknown feature 'request_id'. The model expects "),
                        near -> assertThat(near).contains("'feature'; did you mean 'features'? Known keys: "),
                        far -> assertThat(far).contains("unknown key 'cells'. Known keys: "));
    }

    @Test
    void corrupt_model_exits_with_1_and_names_the_file() throws IOException {
        Path model = Files.writeString(folder.resolve("model.onnx"), "this is no model");
        Ran ran = Ran.command("score", "--model", model.toString(), "--input", "models/fraud/requests.csv");
        assertThat(ran.exitCode()).isEqualTo(1);
        assertThat(ran.err()).contains(model.toString()).doesNotContain("\tat ");
    }

    @Test
    void missing_input_exits_with_1_and_names_the_file() {
        Ran ran = Ran.command("score", "--model", V1, "--input", "none.csv");
        assertThat(ran.exitCode()).isEqualTo(1);
        assertThat(ran.err()).contains("none.csv does not exist");
    }

    @Test
    void shipped_models_are_listed_with_what_they_expect() throws IOException {
        Ran ran = Ran.command("models", "fraud", "--format", "json");
        assertThat(ran.exitCode()).isZero();
        JsonNode models = JSON.readTree(ran.out());
        assertThat(models).hasSize(4);
        assertThat(models).allSatisfy(model -> {
            assertThat(model.path("task").asText()).isEqualTo("BINARY");
            assertThat(model.path("sha256").asText()).hasSize(64);
            assertThat(model.path("inputs")).isNotEmpty();
        });
        assertThat(Ran.command("models").out()).contains("fraud").contains("v4").contains("binary");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "fraud"})
    void folders_that_are_left_out_for_their_names_are_told_beside_what_is_listed(String model) throws IOException {
        Path v1 = Files.createDirectories(folder.resolve("fraud/v1"));
        Files.copy(Path.of(V1, "model.onnx"), v1.resolve("model.onnx"));
        Path misnamed = Files.createDirectories(folder.resolve("fraud/v1."));
        Files.copy(Path.of(V1, "model.onnx"), misnamed.resolve("model.onnx"));
        List<String> command = new ArrayList<>(List.of("models", "--directory", folder.toString(), "--format", "json"));
        if (!model.isEmpty()) {
            command.add(model);
        }

        Ran ran = Ran.command(command.toArray(String[]::new));

        assertThat(JSON.readTree(ran.out())).hasSize(1);
        assertThat(ran.err()).containsOnlyOnce(misnamed + " is left out: its name must be 1 to 64 letters");
        assertThat(ran.exitCode()).isZero();
    }

    @Test
    void demo_refuses_a_folder_that_is_not_its_own() throws IOException {
        Files.writeString(folder.resolve("thesis.txt"), "years of work");
        Ran ran = Ran.command("demo", "--directory", folder.toString());
        assertThat(ran.exitCode()).isEqualTo(1);
        assertThat(ran.err()).contains(folder.toString()).contains("--directory");
        assertThat(folder.resolve("thesis.txt")).exists();
    }

    @Test
    void shadow_does_not_share_a_process() {
        Ran ran = Ran.command("run", "--stages", "shadow,score");
        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.err()).contains("--stages shadow must stand alone");
    }

    @Test
    void stage_with_an_unknown_gate_is_refused_with_the_known_ones() {
        Ran ran = Ran.command("stage", "start", "--candidate", "v2", "--percent", "5", "--margin", "error=0.1");
        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.err()).contains("'error'").contains("errors, flips");
    }

    private static List<JsonNode> lines(String text) throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : text.lines().toList()) {
            lines.add(JSON.readTree(line));
        }
        return lines;
    }
}
