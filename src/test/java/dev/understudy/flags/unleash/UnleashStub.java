package dev.understudy.flags.unleash;

import com.sun.net.httpserver.HttpExchange;
import dev.understudy.flags.FlagsDraft;
import dev.understudy.flags.HttpStub;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Answers like an Unleash server on the loopback: {@code GET /api/client/features} with an ETag. Takes everything else
 * that comes too, and keeps it, so that a test can see what left the process.
 */
public final class UnleashStub extends HttpStub {
    /** One request as it came; names of headers in lower case. */
    record Received(String line, Map<String, String> headers, String body) {}

    /** How the flags are answered. */
    enum Mood {
        /** As they should be. */
        WELL,
        /** Half of the document, then the connection is cut. */
        CUT_SHORT,
        /** A first byte, and then nothing any more. */
        SILENT
    }

    private final List<Received> received = new CopyOnWriteArrayList<>();
    private volatile String document = "";
    private volatile Mood mood = Mood.WELL;

    UnleashStub() throws IOException {
        super("");
    }

    /** One that has these flags. */
    public static UnleashStub with(FlagsDraft flags) throws IOException {
        UnleashStub stub = new UnleashStub();
        stub.put(UnleashJson.flags(flags));
        return stub;
    }

    List<Received> received() {
        return List.copyOf(received);
    }

    String document() {
        return document;
    }

    void put(String newDocument) {
        document = newDocument;
    }

    void put(Map<String, UnleashJson.Flag> flags) {
        put(UnleashJson.document(flags));
    }

    void feel(Mood newMood) {
        mood = newMood;
    }

    @Override
    protected void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
            exchange.getRequestHeaders().forEach((name, values) -> headers.put(name, values.get(0)));
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            received.add(new Received(exchange.getRequestMethod() + " " + path, headers, body));
            if (!path.equals("/api/client/features")) {
                exchange.sendResponseHeaders(202, -1);
            } else if (status() != 200) {
                exchange.sendResponseHeaders(status(), -1);
            } else {
                answerFlags(exchange, headers.getOrDefault("If-None-Match", ""));
            }
        }
    }

    private void answerFlags(HttpExchange exchange, String known) throws IOException {
        byte[] bytes = document.getBytes(StandardCharsets.UTF_8);
        String tag = "\"" + document.hashCode() + "\"";
        if (mood == Mood.WELL && known.equals(tag)) {
            exchange.sendResponseHeaders(304, -1);
            return;
        }
        exchange.getResponseHeaders().set("ETag", tag);
        exchange.sendResponseHeaders(200, bytes.length);
        switch (mood) {
            case WELL -> exchange.getResponseBody().write(bytes);
            case CUT_SHORT -> exchange.getResponseBody().write(bytes, 0, bytes.length / 2);
            case SILENT -> {
                exchange.getResponseBody().write(bytes, 0, 1);
                exchange.getResponseBody().flush();
                awaitEnd();
            }
        }
    }
}
