package dev.understudy.flags.file;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where the parts of a flag file stand in its text, so that one can be replaced and all else left as it is. Of a text
 * that {@link FlagFile} has read; what an edit made of it is read by it again.
 */
final class FlagText {
    /** A part that begins at a place of the text. */
    sealed interface Part {
        int start();
    }

    /** @param end behind its last character */
    record Leaf(int start, int end) implements Part {}

    record Entry(int keyStart, Part value) {}

    record Block(int start, Map<String, Entry> byKey) implements Part {}

    record Sequence(int start, List<Part> items) implements Part {}

    private final JsonParser parser;
    private final String text;
    private final boolean json;

    private FlagText(JsonParser parser, String text, boolean json) {
        this.parser = parser;
        this.text = text;
        this.json = json;
    }

    static Block read(String text, boolean json) throws IOException {
        try (JsonParser parser = (json ? new JsonFactory() : new YAMLFactory()).createParser(text)) {
            parser.nextToken();
            return (Block) new FlagText(parser, text, json).part();
        }
    }

    private Part part() throws IOException {
        int start = offset(parser.currentTokenLocation());
        JsonToken token = parser.currentToken();
        if (token == JsonToken.START_OBJECT) {
            Map<String, Entry> byKey = new LinkedHashMap<>();
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String key = parser.currentName();
                int keyStart = offset(parser.currentTokenLocation());
                parser.nextToken();
                byKey.put(key, new Entry(keyStart, part()));
            }
            return new Block(start, byKey);
        }
        if (token == JsonToken.START_ARRAY) {
            List<Part> items = new ArrayList<>();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                items.add(part());
            }
            return new Sequence(start, items);
        }
        parser.getText(); // a text is read to its end only when it is asked for
        return new Leaf(start, offset(parser.currentLocation()));
    }

    /** YAML's reader counts code points, JSON's counts chars. */
    private int offset(JsonLocation location) {
        int at = (int) location.getCharOffset();
        return json ? at : text.offsetByCodePoints(0, at);
    }
}
