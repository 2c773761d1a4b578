package dev.understudy.flags.flagsmith;

import com.sun.net.httpserver.HttpExchange;
import dev.understudy.flags.HttpStub;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** Answers as Flagsmith's API on the loopback does when asked for the environment document, and keeps what it was asked. */
final class FlagsmithStub extends HttpStub {
    /** One request as it came. */
    record Received(String line, Map<String, List<String>> headers, String body) {}

    private final List<Received> received = new CopyOnWriteArrayList<>();
    private volatile List<String> pages = List.of("{}");
    private volatile boolean silent;
    private volatile boolean dripping;

    FlagsmithStub() throws IOException {
        super("/api/v1/");
    }

    List<Received> received() {
        return List.copyOf(received);
    }

    void put(EnvironmentJson environment) {
        putPages(environment.toString());
    }

    /** The document in pages, each but the last with a link to the next. */
    void putPages(String... documents) {
        pages = List.of(documents);
    }

    /** Requests are taken and never answered. */
    void fallSilent() {
        silent = true;
    }

    /** Answers begin and never end. */
    void drip() {
        dripping = true;
    }

    @Override
    protected void answer(HttpExchange exchange) throws IOException {
        String line = exchange.getRequestMethod() + " " + exchange.getRequestURI();
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        received.add(new Received(line, Map.copyOf(exchange.getRequestHeaders()), body));
        if (silent) {
            awaitEnd();
        }
        if (status() != 200) {
            send(exchange, status(), "{\"detail\": \"no\"}");
        } else if (!exchange.getRequestURI().getPath().equals("/api/v1/environment-document/")) {
            send(exchange, 404, "<html>Not found</html>");
        } else {
            List<String> now = pages;
            String query = exchange.getRequestURI().getQuery();
            int page = query == null ? 0 : Integer.parseInt(query.substring(query.lastIndexOf(':') + 1));
            if (page + 1 < now.size()) {
                exchange.getResponseHeaders()
                        .add(
                                "Link",
                                "</api/v1/environment-document/?page_id=identity_override:1:" + (page + 1)
                                        + ">; rel=\"next\"");
            }
            send(exchange, 200, now.get(page));
        }
    }

    private void send(HttpExchange exchange, int code, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.getResponseHeaders().add("Location", "/elsewhere/");
        exchange.sendResponseHeaders(code, bytes.length);
        if (dripping) {
            exchange.getResponseBody().write(bytes, 0, 1);
            exchange.getResponseBody().flush();
            awaitEnd();
        }
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }
}
