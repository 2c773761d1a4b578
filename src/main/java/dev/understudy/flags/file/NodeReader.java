package dev.understudy.flags.file;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads YAML or JSON strictly: one document, no key twice, no aliases. Keys are taken as they are written, so that YAML's
 * {@code on} stays {@code on} and does not become {@code true}.
 */
final class NodeReader {
    private final JsonParser parser;

    private NodeReader(JsonParser parser) {
        this.parser = parser;
    }

    static Node read(String text, boolean json) throws FlagFileException {
        try (JsonParser parser = (json ? new JsonFactory() : new YAMLFactory()).createParser(text)) {
            return new NodeReader(parser).document();
        } catch (JsonProcessingException e) {
            throw new FlagFileException(
                    place(e.getLocation(), ""),
                    "not well-formed: " + firstLine(e)
                            + " (check that the file is complete, that brackets and quotes are closed, and the indentation)");
        } catch (IOException e) {
            throw new UncheckedIOException(e); // the text is in memory
        }
    }

    private Node document() throws IOException, FlagFileException {
        JsonToken first = parser.nextToken();
        if (first == null) {
            throw new FlagFileException(new Place(1, 1, ""), "the file is empty; it must begin with 'flags:'");
        }
        Node node = node(first, here(""));
        if (parser.nextToken() != null) {
            throw new FlagFileException(here(""), "there is more after the end of the document; one is allowed");
        }
        return node;
    }

    private Node node(JsonToken token, Place place) throws IOException, FlagFileException {
        if (parser instanceof YAMLParser yaml && yaml.isCurrentAlias()) {
            throw new FlagFileException(place, "aliases (*name) are not supported; write the value out");
        }
        return switch (token) {
            case START_OBJECT -> fields(place);
            case START_ARRAY -> items(place);
            case VALUE_TRUE -> new Node.Value(place, Node.Kind.TRUE, parser.getText());
            case VALUE_FALSE -> new Node.Value(place, Node.Kind.FALSE, parser.getText());
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new Node.Value(place, Node.Kind.NUMBER, parser.getText());
            case VALUE_NULL -> new Node.Value(place, Node.Kind.NOTHING, "");
            case VALUE_STRING -> new Node.Value(place, Node.Kind.TEXT, parser.getText());
            default -> throw new FlagFileException(place, "a value was expected here");
        };
    }

    private Node fields(Place place) throws IOException, FlagFileException {
        Map<String, Node> byKey = new LinkedHashMap<>();
        for (JsonToken token = next(); token != JsonToken.END_OBJECT; token = next()) {
            String key = parser.currentName();
            Place at = here(place.path()).at(key);
            if (byKey.containsKey(key)) {
                throw new FlagFileException(at, "the key '" + key + "' stands here a second time; keep one of them");
            }
            byKey.put(key, node(next(), at));
        }
        return new Node.Fields(place, byKey);
    }

    private Node items(Place place) throws IOException, FlagFileException {
        List<Node> items = new ArrayList<>();
        for (JsonToken token = next(); token != JsonToken.END_ARRAY; token = next()) {
            items.add(node(token, here(place.path() + "[" + items.size() + "]")));
        }
        return new Node.Items(place, items);
    }

    private JsonToken next() throws IOException, FlagFileException {
        JsonToken token = parser.nextToken();
        if (token == null) {
            throw new FlagFileException(here(""), "the file ends too early; is it complete?");
        }
        return token;
    }

    private Place here(String path) {
        return place(parser.currentTokenLocation(), path);
    }

    private static Place place(@Nullable JsonLocation location, String path) {
        return location == null
                ? new Place(1, 1, path)
                : new Place(Math.max(1, location.getLineNr()), Math.max(1, location.getColumnNr()), path);
    }

    /** The first line only: the rest quotes the file, and a file may name entities. */
    private static String firstLine(JsonProcessingException e) {
        String message = e.getOriginalMessage();
        return message == null ? "unknown error" : message.lines().findFirst().orElse("unknown error");
    }
}
