package dev.understudy.flags.plan;

import com.sun.net.httpserver.HttpExchange;
import dev.understudy.flags.HttpStub;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** An administration API on the loopback: answers what it was given for a method and address, and keeps what changed. */
public final class AdminStub extends HttpStub {
    /** One request as it came. */
    public record Received(String line, String authorization, String contentType, String body) {}

    private final Map<String, String> answers = new ConcurrentHashMap<>();
    private volatile boolean stalling;
    private final List<Received> received = new CopyOnWriteArrayList<>();

    public AdminStub() throws IOException {
        super("");
    }

    /** From now on this is answered 200 with that; what nothing was said about is 404. */
    public void answer(String line, String body) {
        answers.put(line, body);
    }

    /** From now on answers begin and never end. */
    public void stall() {
        stalling = true;
    }

    /** Requests that are no GET, in their order. */
    public List<Received> changes() {
        List<Received> changes = new ArrayList<>(received);
        changes.removeIf(request -> request.line().startsWith("GET "));
        return changes;
    }

    public List<Received> received() {
        return List.copyOf(received);
    }

    @Override
    protected void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String line = exchange.getRequestMethod() + " " + exchange.getRequestURI();
            String authorization = header(exchange, "Authorization");
            received.add(new Received(
                    line,
                    authorization,
                    header(exchange, "Content-Type"),
                    new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)));
            int code = answers.containsKey(line) ? status() : 404;
            // A server that tells a secret back is the worst case.
            String text = code == 200 ? answers.getOrDefault(line, "") : "{\"message\": \"no, " + authorization + "\"}";
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(code, bytes.length == 0 ? -1 : bytes.length);
            if (stalling) {
                exchange.getResponseBody().write(bytes, 0, 1);
                exchange.getResponseBody().flush();
                awaitEnd();
            }
            exchange.getResponseBody().write(bytes);
        }
    }

    private static String header(HttpExchange exchange, String name) {
        String value = exchange.getRequestHeaders().getFirst(name);
        return value == null ? "" : value;
    }
}
