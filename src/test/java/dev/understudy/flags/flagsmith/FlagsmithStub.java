package dev.understudy.flags.flagsmith;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Answers as Flagsmith's API on the loopback does when asked for the environment document, and keeps what it was asked. */
final class FlagsmithStub implements AutoCloseable {
    /** One request as it came. */
    record Received(String line, Map<String, List<String>> headers, String body) {}

    private final List<Received> received = new CopyOnWriteArrayList<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private volatile List<String> pages = List.of("{}");
    private volatile int status = 200;
    private volatile boolean silent;
    private volatile boolean dripping;
    private int port;
    private HttpServer server;

    FlagsmithStub() throws IOException {
        this.server = listen();
    }

    private HttpServer listen() throws IOException {
        HttpServer started = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        port = started.getAddress().getPort();
        started.setExecutor(threads);
        started.createContext("/", this::answer);
        started.start();
        return started;
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + port + "/api/v1/");
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

    /** From now on answers with this status; 200 answers again. */
    void answerWith(int newStatus) {
        status = newStatus;
    }

    /** Requests are taken and never answered. */
    void fallSilent() {
        silent = true;
    }

    /** Answers begin and never end. */
    void drip() {
        dripping = true;
    }

    void goDown() {
        server.stop(0);
    }

    void comeBack() throws IOException {
        server = listen();
    }

    private void answer(HttpExchange exchange) throws IOException {
        String line = exchange.getRequestMethod() + " " + exchange.getRequestURI();
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        received.add(new Received(line, Map.copyOf(exchange.getRequestHeaders()), body));
        if (silent) {
            awaitEnd();
        }
        if (status != 200) {
            send(exchange, status, "{\"detail\": \"no\"}");
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

    private void awaitEnd() {
        try {
            closed.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
