package dev.understudy.broker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.Incompatibility;

/**
 * A schema registry for Avro that speaks the part of Confluent's REST API that serialisers and tools use. Compatibility
 * is BACKWARD, as Confluent's default: a new version must be able to read what the latest one wrote. It does not
 * delete, does not change its configuration, and refuses schema references.
 */
final class EmbeddedRegistry implements AutoCloseable {
    private static final String CONTENT_TYPE = "application/vnd.schemaregistry.v1+json";
    private static final int LARGEST_BODY_BYTES = 1 << 20;
    private static final long MOST_SKIPPED_BYTES = 16L << 20;
    private static final int THREADS = 4;

    /** Confluent takes -1 as well as {@code latest}. */
    private static final int LATEST = -1;

    private final HttpServer server;
    private final ExecutorService threads;
    private final SchemaStore store;
    private final ObjectMapper json = new ObjectMapper();
    private final List<Route> routes;

    /** One path of the API and what answers it. */
    private record Route(String method, Pattern path, Endpoint endpoint) {}

    /** One request: the names in its path, decoded, its query, and its body. */
    private record Call(List<String> names, String query, byte[] body) {
        String name(int index) {
            return names.get(index);
        }
    }

    private interface Endpoint {
        /** What is answered, written as JSON. */
        Object answer(Call call) throws RegistryException, IOException;
    }

    private EmbeddedRegistry(HttpServer server, ExecutorService threads, SchemaStore store) {
        this.server = server;
        this.threads = threads;
        this.store = store;
        this.routes = routes();
    }

    /** Owns the store from now on. Listens on 127.0.0.1; port 0 takes any free one. */
    static EmbeddedRegistry start(SchemaStore store, int port) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(Ports.loopback(), port), 0);
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        EmbeddedRegistry registry = new EmbeddedRegistry(server, threads, store);
        server.setExecutor(threads);
        server.createContext("/", registry::handle);
        server.start();
        return registry;
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
        try {
            store.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot close the registry's schemas", e);
        }
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            int status = 200;
            Object answer;
            try {
                answer = route(exchange);
            } catch (RegistryException e) {
                status = e.status();
                answer = error(e.code(), String.valueOf(e.getMessage()));
            } catch (IOException e) {
                status = 500;
                answer = error(50001, "Error in the backend data store: " + e.getMessage());
            } catch (RuntimeException e) {
                // The JDK's server would close the connection without a word.
                status = 500;
                answer = error(500, "The embedded registry failed: " + e);
            }
            byte[] body = json.writeValueAsBytes(answer);
            exchange.getResponseHeaders().set("Content-Type", CONTENT_TYPE);
            if (exchange.getRequestMethod().equals("HEAD")) {
                exchange.sendResponseHeaders(status, -1);
            } else {
                exchange.sendResponseHeaders(status, body.length);
                exchange.getResponseBody().write(body);
            }
        }
    }

    private Object route(HttpExchange exchange) throws RegistryException, IOException {
        byte[] body = exchange.getRequestBody().readNBytes(LARGEST_BODY_BYTES + 1);
        if (body.length > LARGEST_BODY_BYTES) {
            // A connection that is closed with a request half read loses the answer; but nobody may send for ever.
            byte[] rest = new byte[8192];
            long skipped = 0;
            for (int read = 0; read >= 0 && skipped < MOST_SKIPPED_BYTES; skipped += read) {
                read = exchange.getRequestBody().read(rest);
            }
            throw new RegistryException(413, 413, "The body is larger than " + LARGEST_BODY_BYTES + " bytes");
        }
        URI uri = exchange.getRequestURI();
        boolean known = false;
        for (Route route : routes) {
            Matcher path = route.path().matcher(uri.getRawPath());
            if (path.matches()) {
                known = true;
                if (route.method().equals(exchange.getRequestMethod())) {
                    String query = uri.getRawQuery() == null ? "" : uri.getRawQuery();
                    return route.endpoint().answer(new Call(names(path), query, body));
                }
            }
        }
        throw known
                ? new RegistryException(405, 405, "HTTP 405 Method Not Allowed")
                : new RegistryException(404, 404, "HTTP 404 Not Found");
    }

    private List<Route> routes() {
        return List.of(
                get("/", call -> Map.of()),
                get("/mode", call -> Map.of("mode", "READWRITE")),
                get("/config", call -> Map.of("compatibilityLevel", "BACKWARD")),
                get("/config/{subject}", this::subjectConfiguration),
                get("/schemas/types", call -> List.of("AVRO")),
                get(
                        "/schemas/ids/{id}",
                        call -> Map.of("schema", schema(call.name(0)).toString())),
                get("/schemas/ids/{id}/schema", call -> tree(schema(call.name(0)))),
                get(
                        "/schemas/ids/{id}/subjects",
                        call -> uses(call.name(0)).stream()
                                .map(SchemaStore.Version::subject)
                                .distinct()
                                .toList()),
                get(
                        "/schemas/ids/{id}/versions",
                        call -> uses(call.name(0)).stream()
                                .map(use -> Map.of("subject", use.subject(), "version", use.version()))
                                .toList()),
                get("/subjects", call -> store.subjects()),
                get(
                        "/subjects/{subject}/versions",
                        call -> versions(call.name(0)).stream()
                                .map(SchemaStore.Version::version)
                                .toList()),
                get("/subjects/{subject}/versions/{version}", call -> described(version(call.name(0), call.name(1)))),
                get(
                        "/subjects/{subject}/versions/{version}/schema",
                        call -> tree(version(call.name(0), call.name(1)).schema())),
                post("/subjects/{subject}", this::lookUp),
                post(
                        "/subjects/{subject}/versions",
                        call -> Map.of(
                                "id",
                                store.register(call.name(0), sent(call), EmbeddedRegistry::requireReadsLatest)
                                        .id())),
                post(
                        "/compatibility/subjects/{subject}/versions/{version}",
                        call -> Map.of(
                                "is_compatible",
                                incompatibilities(sent(call), version(call.name(0), call.name(1)))
                                        .isEmpty())));
    }

    private Object subjectConfiguration(Call call) throws RegistryException {
        if (List.of(call.query().split("&", -1)).contains("defaultToGlobal=true")) {
            return Map.of("compatibilityLevel", "BACKWARD");
        }
        throw new RegistryException(
                404, 40408, "Subject '" + call.name(0) + "' does not have subject-level compatibility configured");
    }

    private Object lookUp(Call call) throws RegistryException {
        String subject = call.name(0);
        versions(subject);
        return described(store.find(subject, sent(call)).orElseThrow(RegistryException::schemaNotFound));
    }

    private static void requireReadsLatest(Schema schema, List<SchemaStore.Version> earlier) throws RegistryException {
        if (earlier.isEmpty()) {
            return;
        }
        SchemaStore.Version latest = earlier.get(earlier.size() - 1);
        List<Incompatibility> reasons = incompatibilities(schema, latest);
        if (!reasons.isEmpty()) {
            throw new RegistryException(
                    409,
                    409,
                    "Schema being registered is incompatible with an earlier schema for subject \"" + latest.subject()
                            + "\", details: " + reasons + " (compatibility BACKWARD, against version "
                            + latest.version() + ")");
        }
    }

    private static List<Incompatibility> incompatibilities(Schema reader, SchemaStore.Version writer) {
        return SchemaCompatibility.checkReaderWriterCompatibility(reader, writer.schema())
                .getResult()
                .getIncompatibilities();
    }

    /** The schema in a request's body. */
    private Schema sent(Call call) throws RegistryException {
        JsonNode body;
        try {
            body = json.readTree(call.body());
        } catch (IOException e) {
            throw new RegistryException(400, 400, "The body is not JSON");
        }
        String type = body.path("schemaType").asText("AVRO");
        if (!type.equals("AVRO")) {
            throw RegistryException.invalidSchema("schemaType " + type + " is not known here, only AVRO");
        }
        if (!body.path("references").isEmpty()) {
            throw RegistryException.invalidSchema(
                    "the embedded registry does not know references: send the schema whole");
        }
        if (!body.path("schema").isTextual()) {
            throw RegistryException.invalidSchema("the body has no text \"schema\"");
        }
        try {
            return new Schema.Parser().parse(body.path("schema").textValue());
        } catch (AvroRuntimeException e) {
            throw RegistryException.invalidSchema(String.valueOf(e.getMessage()));
        }
    }

    private Schema schema(String id) throws RegistryException {
        int number = id(id);
        return store.schema(number).orElseThrow(() -> RegistryException.schemaNotFound(number));
    }

    private List<SchemaStore.Version> uses(String id) throws RegistryException {
        schema(id);
        return store.uses(id(id));
    }

    private static int id(String text) throws RegistryException {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new RegistryException(404, 404, "HTTP 404 Not Found");
        }
    }

    private List<SchemaStore.Version> versions(String subject) throws RegistryException {
        List<SchemaStore.Version> versions = store.versions(subject);
        if (versions.isEmpty()) {
            throw RegistryException.subjectNotFound(subject);
        }
        return versions;
    }

    private SchemaStore.Version version(String subject, String text) throws RegistryException {
        int number = versionNumber(text);
        List<SchemaStore.Version> versions = versions(subject);
        int index = number == LATEST ? versions.size() : number;
        if (index > versions.size()) {
            throw RegistryException.versionNotFound(index);
        }
        return versions.get(index - 1);
    }

    private static int versionNumber(String text) throws RegistryException {
        if (text.equals("latest")) {
            return LATEST;
        }
        try {
            int number = Integer.parseInt(text);
            if (number > 0 || number == LATEST) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Said below, as for a number out of range.
        }
        throw RegistryException.invalidVersion(text);
    }

    private static Object described(SchemaStore.Version version) {
        return Map.of(
                "subject", version.subject(),
                "version", version.version(),
                "id", version.id(),
                "schema", version.schema().toString());
    }

    private JsonNode tree(Schema schema) throws IOException {
        return json.readTree(schema.toString());
    }

    private static Object error(int code, String message) {
        return Map.of("error_code", code, "message", message);
    }

    private static Route get(String template, Endpoint endpoint) {
        return route("GET", template, endpoint);
    }

    private static Route post(String template, Endpoint endpoint) {
        return route("POST", template, endpoint);
    }

    private static Route route(String method, String template, Endpoint endpoint) {
        return new Route(method, Pattern.compile(template.replaceAll("\\{\\w+}", "([^/]+)") + "/?"), endpoint);
    }

    private static List<String> names(Matcher path) throws RegistryException {
        try {
            return decoded(path);
        } catch (IllegalArgumentException e) {
            throw new RegistryException(400, 400, "The path is not percent-encoded UTF-8");
        }
    }

    private static List<String> decoded(Matcher path) {
        return IntStream.rangeClosed(1, path.groupCount())
                // URLDecoder is made for forms, where + is a space; in a path it is a plus.
                .mapToObj(group -> URLDecoder.decode(path.group(group).replace("+", "%2B"), StandardCharsets.UTF_8))
                .toList();
    }
}
