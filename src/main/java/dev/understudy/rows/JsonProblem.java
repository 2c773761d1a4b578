package dev.understudy.rows;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What is wrong with a line of JSON, in words for the people who wrote it. */
final class JsonProblem {
    private static final int SHOWN = 60;

    /** The parser's messages by how they begin, and what they mean. */
    private static final List<Meaning> MEANINGS = List.of(
            new Meaning("Duplicate [^'\"]*['\"](.*?)['\"].*", "the key '%s' is given twice"),
            new Meaning(
                    "Non-standard token '(.*?)'.*",
                    "%s is no number in JSON; write null, or leave the field out, where there is none"),
            new Meaning("Unrecognized token '(.*?)'.*", "'%s' is no JSON value; texts stand in double quotes"),
            new Meaning("Unexpected end-of-input.*", "the line ends too early"),
            new Meaning("Unexpected character \\('(.*?)' \\(.*", "'%s' is not expected there"),
            new Meaning("Unexpected close marker '(.*?)'.*", "'%s' is not expected there"),
            new Meaning("Invalid numeric value: .*", "the number is not written as JSON wants it"));

    private record Meaning(Pattern message, String words) {
        Meaning(String message, String words) {
            this(Pattern.compile(message, Pattern.DOTALL), words);
        }
    }

    private JsonProblem() {}

    /** One sentence, with the column where it is known. */
    static String of(JsonProcessingException notJson) {
        var place = notJson.getLocation();
        return "not valid JSON" + (place == null ? "" : " at column " + place.getColumnNr()) + reason(notJson);
    }

    private static String reason(JsonProcessingException notJson) {
        // All that a tree can be refused for beside its syntax is that something follows it.
        if (notJson instanceof JsonMappingException) {
            return ": more than one value; one object a line is expected";
        }
        String message = String.valueOf(notJson.getOriginalMessage());
        for (Meaning meaning : MEANINGS) {
            Matcher matcher = meaning.message.matcher(message);
            if (matcher.matches()) {
                return ": "
                        + (matcher.groupCount() == 0
                                ? meaning.words
                                : String.format(Locale.ROOT, meaning.words, cut(matcher.group(1))));
            }
        }
        return "";
    }

    /** A value as messages show it. */
    static String shown(JsonNode value) {
        if (value.isNumber() && !Double.isFinite(value.doubleValue())) {
            return "one too large";
        }
        return cut(value.toString());
    }

    private static String cut(String text) {
        return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "...";
    }
}
