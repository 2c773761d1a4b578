package dev.understudy.flags.unleash;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.NpmPackages;
import dev.understudy.broker.Await;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.CookieManager;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A real Unleash server on the loopback, with a PostgreSQL of its own. Needs node and, the first time, npm and its
 * registry; without node the tests that want it are skipped and say so.
 */
final class UnleashServer implements AutoCloseable {
    static final String TOKEN = "default:development.backend-of-the-test";
    static final String ADMIN_TOKEN = "*:*.admin-of-the-test";
    static final String FRONTEND_TOKEN = "default:development.frontend-of-the-test";
    /** Where the admin API has the serving flag in the environment of the tokens. */
    static final String SERVING = "/api/admin/projects/default/features/ml-model-version/environments/development";

    private static final Path LOCKED = Path.of("src/test/unleash");
    private static final Path HOME = Path.of("target/unleash");
    private static final Duration BOUND = Duration.ofMinutes(2);
    private static final ObjectMapper JSON = new ObjectMapper();
    /** Ends with its standard input, so that it does not outlive us. */
    private static final String MAIN = "process.stdin.resume(); process.stdin.on('end', () => process.exit(0));"
            + " import('./node_modules/unleash-server/dist/server.js')";

    private final HttpClient http = HttpClient.newBuilder()
            .cookieHandler(new CookieManager())
            .connectTimeout(BOUND)
            .build();
    private final EmbeddedPostgres database;
    private final int port;
    private @Nullable Process server;
    private int drafts;

    private UnleashServer(EmbeddedPostgres database) throws IOException {
        this.database = database;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            this.port = free.getLocalPort();
        }
    }

    static UnleashServer start() throws Exception {
        assumeTrue(isOnPath("node"), "node is not on the PATH: nothing was tried against a real Unleash server");
        NpmPackages.install(LOCKED, HOME);
        UnleashServer unleash = new UnleashServer(
                EmbeddedPostgres.builder().setPGStartupWait(BOUND).start());
        try {
            unleash.comeUp();
            unleash.send("POST", "/auth/simple/login", "{\"username\":\"admin\",\"password\":\"unleash4all\"}");
        } catch (Exception | Error e) {
            unleash.close();
            throw e;
        }
        return unleash;
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + port);
    }

    void comeUp() throws IOException {
        ProcessBuilder builder = new ProcessBuilder("node", "--input-type=module", "-e", MAIN)
                .directory(HOME.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        HOME.resolve("server.log").toFile()));
        builder.environment()
                .putAll(Map.of(
                        "DATABASE_URL",
                        "postgres://postgres@127.0.0.1:" + database.getPort() + "/postgres",
                        "DATABASE_SSL",
                        "false",
                        "HTTP_HOST",
                        "127.0.0.1",
                        "HTTP_PORT",
                        Integer.toString(port),
                        "INIT_BACKEND_API_TOKENS",
                        TOKEN,
                        "INIT_ADMIN_API_TOKENS",
                        ADMIN_TOKEN,
                        "INIT_FRONTEND_API_TOKENS",
                        FRONTEND_TOKEN,
                        "CHECK_VERSION",
                        "false",
                        "SEND_TELEMETRY",
                        "false"));
        Process started = builder.start();
        server = started;
        Await.until("Unleash is up (see target/unleash/server.log)", BOUND, () -> isHealthy(started));
    }

    boolean isUp() {
        return server != null;
    }

    void goDown() {
        Process running = server;
        if (running != null) {
            running.destroy();
            Await.until("Unleash ends", BOUND, () -> !running.isAlive());
            server = null;
        }
    }

    @Override
    public void close() throws IOException {
        try (database) {
            goDown();
        }
    }

    /** Makes exactly these the flags; returns when the server hands them out. */
    void publish(Map<String, UnleashJson.Flag> flags) throws Exception {
        for (JsonNode known :
                send("GET", "/api/admin/projects/default/features", "").path("features")) {
            String key = known.path("name").asText();
            if (!flags.containsKey(key)) {
                send("DELETE", "/api/admin/projects/default/features/" + key, "");
                send("DELETE", "/api/admin/archive/" + key, "");
            }
        }
        String draft = "draft-" + ++drafts;
        ObjectNode request = JSON.createObjectNode().put("project", "default").put("environment", "development");
        ObjectNode data = request.putObject("data");
        ArrayNode features = data.putArray("features");
        ArrayNode strategies = data.putArray("featureStrategies");
        ArrayNode environments = data.putArray("featureEnvironments");
        ArrayNode contextFields = data.putArray("contextFields");
        for (String field : List.of("region", "account")) {
            contextFields.addObject().put("name", field);
        }
        List.of("featureTags", "segments", "tagTypes", "dependencies").forEach(data::putArray);
        flags.forEach((key, flag) -> {
            features.addObject().put("name", key).put("type", "release").put("description", draft);
            environments
                    .addObject()
                    .put("name", key)
                    .put("featureName", key)
                    .put("environment", "development")
                    .put("enabled", flag.on());
            for (int i = 0; i < flag.strategies().size(); i++) {
                // The server makes them all at once: without a number their order is left to chance.
                strategies.add(flag.strategies()
                        .get(i)
                        .deepCopy()
                        .put("featureName", key)
                        .put("sortOrder", i));
            }
        });
        send("POST", "/api/admin/features-batch/import", request.toString());
        awaitHandedOut(draft);
    }

    /** Returns when the server hands out flags that hold this text: it looks for changes once a second. */
    void awaitHandedOut(String text) {
        Await.until("Unleash hands out " + text, BOUND, () -> {
            try {
                return handedOut().toString().contains(text);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    /** What the server hands out to clients at the moment. */
    JsonNode handedOut() throws IOException {
        HttpRequest request = request("/api/client/features")
                .header("Authorization", TOKEN)
                .header("Unleash-Client-Spec", "5.2.2")
                .build();
        return JSON.readTree(exchange(request).body());
    }

    /** Asks the admin API as the administrator; anything but success fails. */
    JsonNode send(String method, String path, String body) throws IOException {
        HttpRequest request = request(path)
                .header("Content-Type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build();
        HttpResponse<String> response = exchange(request);
        if (response.statusCode() / 100 != 2) {
            throw new AssertionError(method + " " + path + ": " + response.statusCode() + " " + response.body());
        }
        return response.body().isEmpty() ? JSON.nullNode() : JSON.readTree(response.body());
    }

    /** The first strategy of the serving flag, as the server has it. */
    JsonNode firstStrategy() throws IOException {
        return send("GET", SERVING + "/strategies", "").path(0);
    }

    /** Changes that strategy by a JSON patch. */
    void patchFirstStrategy(String patch) throws IOException {
        send("PATCH", SERVING + "/strategies/" + firstStrategy().path("id").asText(), patch);
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(uri().resolve(path)).timeout(BOUND);
    }

    private HttpResponse<String> exchange(HttpRequest request) throws IOException {
        try {
            return http.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private boolean isHealthy(Process started) {
        if (!started.isAlive()) {
            throw new AssertionError("Unleash ended: see target/unleash/server.log");
        }
        try {
            return exchange(request("/health").build()).statusCode() == 200;
        } catch (IOException notYet) {
            return false;
        }
    }

    /** Installs what the lock file says, unless it is there already. */
    private static boolean isOnPath(String program) {
        String path = System.getenv().getOrDefault("PATH", "");
        List<File> candidates = new ArrayList<>();
        for (String folder : path.split(File.pathSeparator, -1)) {
            candidates.add(new File(folder, program));
        }
        return candidates.stream().anyMatch(File::canExecute);
    }
}
