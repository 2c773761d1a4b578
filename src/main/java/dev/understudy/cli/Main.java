package dev.understudy.cli;

import picocli.CommandLine;

/** Entry point of the command line. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    /** The command line with its exit codes: 0 done, 1 failed, 2 usage or configuration. */
    static CommandLine commandLine() {
        RootCommand root = new RootCommand();
        return new CommandLine(root)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpWidth(110) // of the widest example: those are to be copied
                .setUsageHelpAutoWidth(true)
                .registerConverter(int.class, UsageHandler.wholeNumbers())
                .registerConverter(Integer.class, UsageHandler.wholeNumbers())
                .registerConverter(double.class, UsageHandler.numbers())
                .registerConverter(Double.class, UsageHandler.numbers())
                .setParameterExceptionHandler(new UsageHandler())
                .setExecutionExceptionHandler(new FailureHandler(root))
                .setExecutionStrategy(parsed -> {
                    root.logFormat().use();
                    return new CommandLine.RunLast().execute(parsed);
                });
    }
}
