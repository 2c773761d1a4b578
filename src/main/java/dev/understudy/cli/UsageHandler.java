package dev.understudy.cli;

import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Tells people what is wrong with their arguments; the whole help would push the message out of sight. */
final class UsageHandler implements IParameterExceptionHandler {
    @Override
    public int handleParseException(ParameterException wrong, String[] arguments) {
        CommandLine command = wrong.getCommandLine();
        String name = command.getCommandSpec().qualifiedName();
        PrintWriter err = command.getErr();
        // Picocli names an option with keys and values "option option".
        err.println(name + ": " + String.valueOf(wrong.getMessage()).replace("option option", "option"));
        UnmatchedArgumentException.printSuggestions(wrong, err);
        err.println("Try '" + name + " --help'.");
        return command.getCommandSpec().exitCodeOnInvalidInput();
    }

    /** Reads whole numbers, and says so where one is none. */
    static ITypeConverter<Integer> wholeNumbers() {
        return text -> {
            try {
                return Integer.valueOf(text);
            } catch (NumberFormatException e) {
                throw new TypeConversionException("'" + text + "' is not a whole number"
                        + (isWhole(text) ? " between " + Integer.MIN_VALUE + " and " + Integer.MAX_VALUE : ""));
            }
        };
    }

    private static boolean isWhole(String text) {
        return text.matches("[-+]?\\d+");
    }

    /** Reads finite numbers, and says so where one is none. */
    static ITypeConverter<Double> numbers() {
        return text -> {
            try {
                double number = Double.parseDouble(text);
                if (Double.isFinite(number)) {
                    return number;
                }
            } catch (NumberFormatException e) {
                throw new TypeConversionException("'" + text + "' is not a number");
            }
            throw new TypeConversionException("'" + text + "' is not a finite number");
        };
    }
}
