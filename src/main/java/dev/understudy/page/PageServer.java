package dev.understudy.page;

import dev.understudy.report.Board;
import dev.understudy.report.ProcessState;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.PreEncodedHttpField;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * Serves the page over HTTP: read-only, with bounded connections, and nothing of a request in any answer. {@code /healthz}
 * and {@code /readyz} are for machines that keep the process alive, and ask for no token.
 */
public final class PageServer implements AutoCloseable {
    private static final int MOST_CONNECTIONS = 128;
    private static final Duration IDLE = Duration.ofSeconds(30);
    private static final int LONGEST_REQUEST_HEAD = 8 * 1024;
    private static final String TEXT = "text/plain; charset=utf-8";
    private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";
    private static final String JSON = "application/json";

    private static final HttpField[] SECURITY = {
        new PreEncodedHttpField(
                "Content-Security-Policy",
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
                        + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
        new PreEncodedHttpField("X-Content-Type-Options", "nosniff"),
        new PreEncodedHttpField("X-Frame-Options", "DENY"),
        new PreEncodedHttpField("Referrer-Policy", "no-referrer"),
        new PreEncodedHttpField("Cross-Origin-Opener-Policy", "same-origin"),
        new PreEncodedHttpField("Cross-Origin-Resource-Policy", "same-origin"),
        new PreEncodedHttpField(HttpHeader.CACHE_CONTROL, "no-store")
    };

    private final Server server;
    private final ServerConnector connector;
    private final PageSettings settings;
    private final Gatekeeper gatekeeper;
    private final StaticFiles files = new StaticFiles();
    private final Supplier<ProcessState> process;
    private final Supplier<String> metrics;
    private final EventStreams streams;

    private PageServer(PageSettings settings, Board board, Supplier<ProcessState> process, Supplier<String> metrics) {
        this.settings = settings;
        this.gatekeeper = new Gatekeeper(settings);
        this.process = process;
        this.metrics = metrics;
        this.streams = new EventStreams(board, () -> ProcessJson.of(process.get()), Clock.systemUTC());
        QueuedThreadPool threads = new QueuedThreadPool(8, 2);
        threads.setName("page");
        threads.setDaemon(true);
        this.server = new Server(threads);
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setRequestHeaderSize(LONGEST_REQUEST_HEAD);
        http.setPersistentConnectionsEnabled(false); // so that a connection has one request, and one deadline
        this.connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
        connector.setHost(settings.host());
        connector.setPort(settings.port());
        connector.setIdleTimeout(IDLE.toMillis());
        RequestDeadline deadline = new RequestDeadline(connector.getScheduler());
        connector.addBean(deadline);
        server.addConnector(connector);
        server.addBean(new NetworkConnectionLimit(MOST_CONNECTIONS, connector));
        server.setHandler(new Handler.Abstract() {
            @Override
            public boolean handle(Request request, Response response, Callback callback) {
                deadline.heard(request.getConnectionMetaData().getConnection());
                return answer(request, response, callback);
            }
        });
        // Jetty's own would show the address that was asked for.
        server.setErrorHandler((request, response, callback) -> {
            send(response, callback, response.getStatus(), TEXT, HttpStatus.getMessage(response.getStatus()) + "\n");
            return true;
        });
    }

    /**
     * Binds the port.
     *
     * @param process asked for what the page shows of this process
     * @param metrics in Prometheus' text format
     * @throws IllegalStateException naming the key, if the port cannot be bound
     */
    public static PageServer start(
            PageSettings settings, Board board, Supplier<ProcessState> process, Supplier<String> metrics) {
        PageServer page = new PageServer(settings, board, process, metrics);
        try {
            page.server.start();
        } catch (Exception e) {
            page.close();
            throw new IllegalStateException(
                    "the page cannot listen on " + settings.host() + ":" + settings.port()
                            + " (page.host, page.port): " + (e instanceof IOException ? e.getMessage() : e)
                            + "; set page.port to a free port, or page.enabled to false for no page",
                    e);
        }
        return page;
    }

    /** Where it is. */
    public URI uri() {
        return URI.create("http://" + settings.hostInUrl() + ":" + connector.getLocalPort() + "/");
    }

    private boolean answer(Request request, Response response, Callback callback) {
        HttpFields.Mutable headers = response.getHeaders();
        for (HttpField field : SECURITY) {
            headers.put(field);
        }
        String path = Request.getPathInContext(request);
        Optional<Gatekeeper.Refusal> refusal = Gatekeeper.methodRefusal(request);
        if (refusal.isEmpty() && path.equals("/healthz")) {
            return probe(response, callback, process.get().failure());
        }
        if (refusal.isEmpty() && path.equals("/readyz")) {
            return probe(response, callback, process.get().notReady());
        }
        refusal = refusal.or(() -> gatekeeper.refusal(request));
        if (refusal.isPresent()) {
            int status = refusal.get().status();
            if (status == HttpStatus.UNAUTHORIZED_401) {
                headers.put(HttpHeader.WWW_AUTHENTICATE, "Basic realm=\"Understudy\", charset=\"UTF-8\"");
            } else if (status == HttpStatus.METHOD_NOT_ALLOWED_405) {
                headers.put(HttpHeader.ALLOW, "GET, HEAD");
            }
            return send(response, callback, status, TEXT, refusal.get().why() + "\n");
        }
        return switch (path) {
            case "/api/state" -> send(response, callback, HttpStatus.OK_200, JSON, streams.all());
            case "/metrics" -> send(response, callback, HttpStatus.OK_200, PROMETHEUS, metrics.get());
            case "/api/events" ->
                HttpMethod.HEAD.is(request.getMethod())
                        ? send(response, callback, HttpStatus.OK_200, "text/event-stream", "")
                        : streams.open(response, callback)
                                || send(
                                        response,
                                        callback,
                                        HttpStatus.SERVICE_UNAVAILABLE_503,
                                        TEXT,
                                        "Too many pages are open: at most " + EventStreams.MOST_READERS
                                                + " are served.\n");
            default -> file(path, response, callback);
        };
    }

    private boolean file(String path, Response response, Callback callback) {
        return files.at(path)
                .map(file -> send(response, callback, HttpStatus.OK_200, file.type(), file.content()))
                .orElseGet(() -> send(response, callback, HttpStatus.NOT_FOUND_404, TEXT, "There is no such page.\n"));
    }

    private static boolean probe(Response response, Callback callback, Optional<String> problem) {
        return send(
                response,
                callback,
                problem.isEmpty() ? HttpStatus.OK_200 : HttpStatus.SERVICE_UNAVAILABLE_503,
                TEXT,
                problem.orElse("ok") + "\n");
    }

    private static boolean send(Response response, Callback callback, int status, String type, String body) {
        return send(response, callback, status, type, body.getBytes(StandardCharsets.UTF_8));
    }

    private static boolean send(Response response, Callback callback, int status, String type, byte[] body) {
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, type);
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
        response.write(true, ByteBuffer.wrap(body), callback);
        return true;
    }

    @Override
    public void close() {
        streams.close();
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException("the page's server did not stop", e);
        }
    }
}
