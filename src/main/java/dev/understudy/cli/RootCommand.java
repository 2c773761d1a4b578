package dev.understudy.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

@Command(
        name = "understudy",
        description = "Shadow-evaluates machine-learning models on Kafka.",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        versionProvider = CodeVersion.class,
        footerHeading = "%nExamples:%n",
        footer = {
            "  understudy demo                                   see it work, nothing to install",
            "  understudy score --model models/fraud/v2 --input models/fraud/requests.csv \\",
            "      --ignore request_id,entity_id,region,label    try a model on a file",
            "  understudy run -c understudy.yaml                 run the pipeline on your cluster",
            "  understudy readiness -c understudy.yaml --follow  watch the verdicts",
            "",
            "Exit codes: 0 done, 1 failed, 2 wrong usage or configuration."
        },
        subcommands = {
            DemoCommand.class,
            RunCommand.class,
            ScoreCommand.class,
            ModelsCommand.class,
            TopicsCommand.class,
            AclsCommand.class,
            FlagsCommand.class,
            StageCommand.class,
            ProduceCommand.class,
            OutcomesCommand.class,
            DeadLettersCommand.class,
            ReadinessCommand.class,
            EvaluateCommand.class,
            ConfigCommand.class,
            DoctorCommand.class,
            BenchCommand.class,
            HelpCommand.class
        })
final class RootCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Option(names = "--verbose", scope = ScopeType.INHERIT, description = "Show stack traces of failures.")
    private boolean verbose;

    @Option(
            names = "--log-format",
            scope = ScopeType.INHERIT,
            defaultValue = "text",
            paramLabel = "FORMAT",
            description = "How log lines on standard error look: text, or json by the Elastic Common Schema"
                    + " (default: ${DEFAULT-VALUE}).")
    private LogFormat logFormat = LogFormat.TEXT;

    boolean verbose() {
        return verbose;
    }

    LogFormat logFormat() {
        return logFormat;
    }

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "a command is expected: " + String.join(", ", spec.subcommands().keySet()));
    }
}
