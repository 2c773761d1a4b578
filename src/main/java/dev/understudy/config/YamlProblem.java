package dev.understudy.config;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonMappingException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.reader.ReaderException;

/** What is wrong with a YAML text, in one line and without the lines around it, which may hold anything. */
final class YamlProblem {
    private static final Pattern DUPLICATE = Pattern.compile("Duplicate [^'\"]*['\"](.*)['\"].*", Pattern.DOTALL);

    private static final Pattern NUMBER = Pattern.compile("Malformed numeric value '(.*)'.*", Pattern.DOTALL);

    private YamlProblem() {}

    /** {@code :line:column}, both from 1, as editors take them; empty where it is not known. */
    static String place(JacksonException e) {
        if (e.getCause() instanceof MarkedYAMLException marked && marked.getProblemMark() != null) {
            return ":" + (marked.getProblemMark().getLine() + 1) + ":"
                    + (marked.getProblemMark().getColumn() + 1);
        }
        return e.getCause() instanceof ReaderException
                        || e.getLocation() == null
                        || e.getLocation().getLineNr() < 1
                ? ""
                : ":" + e.getLocation().getLineNr() + ":" + e.getLocation().getColumnNr();
    }

    static String reason(JacksonException e) {
        if (e.getCause() instanceof MarkedYAMLException marked && marked.getProblem() != null) {
            return "not valid YAML: " + firstLine(marked.getProblem());
        }
        if (e.getCause() instanceof ReaderException unreadable) {
            return String.format(
                    Locale.ROOT,
                    "not valid YAML: the control character U+%04X is not allowed",
                    unreadable.getCodePoint());
        }
        String message = String.valueOf(e.getOriginalMessage());
        Matcher duplicate = DUPLICATE.matcher(message);
        if (duplicate.matches()) {
            return "the key '" + duplicate.group(1) + "' is given twice";
        }
        Matcher number = NUMBER.matcher(message);
        if (number.matches()) {
            return "'" + number.group(1) + "' is not a finite number";
        }
        if (message.startsWith("Expected a field name")) {
            return "not valid YAML: a key must be a plain text";
        }
        // All that a tree can be refused for when it is read as YAML is that something follows it.
        return e instanceof JsonMappingException
                ? "more than one YAML document; one is expected, without '---' between its keys"
                : "not valid YAML: " + firstLine(message);
    }

    private static String firstLine(String text) {
        return text.strip().lines().findFirst().orElse("nothing is known of why");
    }
}
