package dev.understudy.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.app.Understudy;
import dev.understudy.config.UnderstudyConfig;
import dev.understudy.domain.ShellWord;
import dev.understudy.kafka.Access;
import dev.understudy.kafka.Access.Role;
import dev.understudy.kafka.Access.Rule;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.ResourceType;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "acls",
        description = {
            "List what Kafka's authoriser has to allow each role, and nothing more; contacts nobody.",
            "score, shadow and evaluate are the stages; groups of downstream, analyst and operator are named"
                    + " <application-prefix>-<role>-... A stage that serves the page is a reader as well; `run` without"
                    + " --stages is all three and a reader. Roles may share a user."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  understudy acls -c understudy.yaml                                   all roles",
            "  understudy acls evaluate reader --principal User:evaluate            the commands of kafka-acls"
        })
final class AclsCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ConfigOptions config;

    @Parameters(
            paramLabel = "ROLE",
            arity = "0..*",
            description = "${COMPLETION-CANDIDATES}; without any, all of them.")
    private List<Role> roles = List.of();

    @Option(
            names = "--principal",
            paramLabel = "TYPE:NAME",
            description = "Print the commands that allow it to this user, such as User:score, instead of the list.")
    private @Nullable String principal;

    @Option(names = "--format", defaultValue = "table", description = "table or json (default: ${DEFAULT-VALUE}).")
    private Format format;

    @Override
    public Integer call() {
        if (principal != null && !principal.matches("\\S+:\\S.*")) {
            throw new ParameterException(
                    spec.commandLine(), "--principal must be TYPE:NAME, such as User:score, was '" + principal + "'");
        }
        if (principal != null && roles.isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(), "--principal needs the roles of that user, such as 'acls score reader'");
        }
        Set<Role> wanted = roles.isEmpty() ? EnumSet.allOf(Role.class) : EnumSet.copyOf(roles);
        PrintWriter out = spec.commandLine().getOut();
        try (Understudy understudy = Understudy.of(config.load())) {
            Access access = understudy.access();
            if (principal != null) {
                wanted.stream()
                        .flatMap(role -> access.of(role).stream())
                        .map(rule ->
                                command(rule, principal, understudy.config().kafka()))
                        .distinct()
                        .forEach(out::println);
            } else if (format == Format.JSON) {
                out.println(json(wanted, access).toPrettyString());
            } else {
                out.print(table(wanted, access));
            }
        }
        out.flush();
        return 0;
    }

    private static Table table(Set<Role> roles, Access access) {
        Table table = new Table("role", "resource", "name", "operations");
        for (Role role : roles) {
            for (Rule rule : access.of(role)) {
                table.row(
                        name(role), resource(rule), rule.name() + (rule.prefixed() ? "*" : ""), operations(rule, ", "));
            }
        }
        return table;
    }

    private static ArrayNode json(Set<Role> roles, Access access) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        for (Role role : roles) {
            for (Rule rule : access.of(role)) {
                ObjectNode node = array.addObject()
                        .put("role", name(role))
                        .put("resource", resource(rule))
                        .put("name", rule.name())
                        .put("pattern", rule.prefixed() ? "prefixed" : "literal");
                ArrayNode operations = node.putArray("operations");
                Arrays.stream(operations(rule, " ").split(" ", -1)).forEach(operations::add);
            }
        }
        return array;
    }

    private static String command(Rule rule, String principal, UnderstudyConfig.Kafka kafka) {
        return "kafka-acls --bootstrap-server "
                + ShellWord.quoted(kafka.bootstrapServers().replaceAll("\\s", ""))
                + " --command-config admin.properties --add --allow-principal " + ShellWord.quoted(principal)
                + " --operation " + operations(rule, " --operation ") + " --" + resource(rule)
                + (rule.type() == ResourceType.CLUSTER ? "" : " " + ShellWord.quoted(rule.name()))
                + (rule.prefixed() ? " --resource-pattern-type prefixed" : "");
    }

    private static String name(Role role) {
        return role.name().toLowerCase(Locale.ROOT);
    }

    private static String resource(Rule rule) {
        return rule.type().name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** As {@code kafka-acls} takes them, such as DescribeConfigs. */
    private static String operations(Rule rule, String between) {
        return rule.operations().stream().sorted().map(AclsCommand::name).collect(Collectors.joining(between));
    }

    private static String name(AclOperation operation) {
        return Arrays.stream(operation.name().split("_", -1))
                .map(word -> word.charAt(0) + word.substring(1).toLowerCase(Locale.ROOT))
                .collect(Collectors.joining());
    }
}
