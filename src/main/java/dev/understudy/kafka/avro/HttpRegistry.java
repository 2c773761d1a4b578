package dev.understudy.kafka.avro;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.understudy.http.WholeAnswer;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.apache.avro.NameValidator;
import org.apache.avro.Schema;
import org.apache.avro.SchemaParseException;
import org.jspecify.annotations.Nullable;

/**
 * Any registry that speaks Confluent's REST API. Remembers schemas and numbers both ways; asks again, over all URLs and
 * with growing waits, when a registry cannot be reached or answers 408, 429 or 5xx; never after 401 or 403.
 */
public final class HttpRegistry implements SchemaRegistry {
    private static final String CONTENT_TYPE = "application/vnd.schemaregistry.v1+json";
    /** More bytes of a foreign error page help nobody. */
    private static final int LONGEST_MESSAGE = 300;

    private final RegistrySettings settings;
    private final Pause pause;
    private final HttpClient client;
    private final ObjectMapper json = new ObjectMapper();
    private final Map<SubjectSchema, Integer> ids = new ConcurrentHashMap<>();
    private final Map<Integer, Schema> schemas = new ConcurrentHashMap<>();
    /** Place of the URL that answered last. */
    private volatile int preferred;

    private record SubjectSchema(String subject, Schema schema) {}

    /** How retries wait; tests pass one that does not. */
    @FunctionalInterface
    interface Pause {
        void waitFor(Duration duration) throws InterruptedException;
    }

    /** What is asked of the registry. {@code purpose} completes "cannot ...". */
    private record Question(
            String method, String path, @Nullable String body, String purpose) {}

    /** An answer other than a success that will stay the same. */
    private record Refusal(URI url, int status, int errorCode, String message) {
        /** Whether a registry said so, rather than some other server. */
        boolean fromRegistry() {
            return errorCode != 0;
        }
    }

    private sealed interface Reply {}

    private record Answered(URI url, JsonNode body) implements Reply {}

    private record Refused(Refusal refusal) implements Reply {}

    private record NoAnswer(URI url, String why, @Nullable Exception cause) implements Reply {}

    /** A registry that is configured by Confluent's keys: {@code schema.registry.url} and the others. */
    public HttpRegistry(Map<String, ?> configuration) {
        this(RegistrySettings.parse(configuration), duration -> Thread.sleep(duration.toMillis()));
    }

    HttpRegistry(RegistrySettings settings, Pause pause) {
        this.settings = settings;
        this.pause = pause;
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NORMAL)
                .connectTimeout(settings.connectTimeout());
        if (settings.tls() != null) {
            builder.sslContext(settings.tls());
        }
        this.client = builder.build();
    }

    @Override
    public int register(String subject, Schema schema) {
        return idOf(
                subject,
                schema,
                new Question(
                        "POST",
                        "/subjects/" + encoded(subject) + "/versions" + normalize(),
                        body(schema),
                        "register schema " + schema.getFullName() + " under subject " + subject));
    }

    @Override
    public int idOf(String subject, Schema schema) {
        return idOf(
                subject,
                schema,
                new Question(
                        "POST",
                        "/subjects/" + encoded(subject) + normalize(),
                        body(schema),
                        "find schema " + schema.getFullName() + " under subject " + subject));
    }

    private int idOf(String subject, Schema schema, Question question) {
        SubjectSchema key = new SubjectSchema(subject, schema);
        Integer known = ids.get(key);
        if (known != null) {
            return known;
        }
        Answered answer = ask(question, subject);
        int id = integer(answer, "id", question);
        ids.put(key, id);
        schemas.put(id, schema);
        return id;
    }

    @Override
    public Registered latest(String subject) {
        Question question = new Question(
                "GET",
                "/subjects/" + encoded(subject) + "/versions/latest",
                null,
                "get the latest version of subject " + subject);
        Answered answer = ask(question, subject);
        int id = integer(answer, "id", question);
        return new Registered(id, schema(answer, "latest version of subject " + subject, question));
    }

    @Override
    public Schema byId(int id) {
        Schema known = schemas.get(id);
        if (known != null) {
            return known;
        }
        Question question = new Question("GET", "/schemas/ids/" + id, null, "get the schema of id " + id);
        Reply reply = reply(question);
        if (reply instanceof Refused refused && refused.refusal.status == 404 && refused.refusal.fromRegistry()) {
            throw new UnreadableRecordException("registry " + refused.refusal.url + " has no schema of id " + id + " ("
                    + refused.refusal.message + "): the record was written with another registry, or is garbled");
        }
        Schema schema = schema(answered(reply, question, null), "schema of id " + id, question);
        schemas.put(id, schema);
        return schema;
    }

    /** Nothing to close: the client's thread ends with the object. */
    @Override
    public void close() {}

    // ---- schemas that refer to others

    private Schema schema(Answered answer, String what, Question question) {
        String type = answer.body.path("schemaType").asText("AVRO");
        if (!type.equals("AVRO")) {
            throw new UnreadableRecordException(
                    what + " at registry " + answer.url + " is of type " + type + ", expected AVRO");
        }
        Schema.Parser parser = new Schema.Parser(NameValidator.NO_VALIDATION).setValidateDefaults(false);
        Map<String, Integer> seen = new HashMap<>();
        try {
            parseReferences(answer, parser, seen);
            return parser.parse(text(answer, "schema", question));
        } catch (SchemaParseException e) {
            throw new UnreadableRecordException(
                    what + " at registry " + answer.url + " is not a valid Avro schema: " + e.getMessage(), e);
        }
    }

    private void parseReferences(Answered answer, Schema.Parser parser, Map<String, Integer> seen) {
        for (JsonNode reference : answer.body.path("references")) {
            String subject = reference.path("subject").asText();
            int version = reference.path("version").asInt();
            if (seen.putIfAbsent(subject, version) != null) {
                continue;
            }
            Question question = new Question(
                    "GET",
                    "/subjects/" + encoded(subject) + "/versions/" + version,
                    null,
                    "get version " + version + " of subject " + subject + ", which a schema refers to");
            Answered referred = ask(question, subject);
            parseReferences(referred, parser, seen);
            parser.parse(text(referred, "schema", question));
        }
    }

    // ---- asking

    private Answered ask(Question question, String subject) {
        return answered(reply(question), question, subject);
    }

    private static Answered answered(Reply reply, Question question, @Nullable String subject) {
        if (reply instanceof Answered answered) {
            return answered;
        }
        if (reply instanceof Refused refused) {
            throw refusal(refused.refusal, question, subject);
        }
        throw new IllegalStateException("no reply to " + question);
    }

    /** Asks until somebody answers; throws when nobody does. */
    private Reply reply(Question question) {
        Map<URI, NoAnswer> failures = new LinkedHashMap<>();
        Duration wait = settings.firstWait();
        for (int attempt = 0; ; attempt++) {
            List<URI> urls = settings.urls();
            int first = preferred;
            for (int i = 0; i < urls.size(); i++) {
                int place = (first + i) % urls.size();
                URI url = urls.get(place);
                Reply reply = askOnce(url, question);
                if (!(reply instanceof NoAnswer noAnswer)) {
                    preferred = place;
                    return reply;
                }
                failures.put(url, noAnswer);
            }
            if (attempt == settings.maxRetries()) {
                throw unavailable(question, failures, attempt + 1);
            }
            try {
                pause.waitFor(wait);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new RegistryUnavailableException(
                        "interrupted while waiting for the schema registry: cannot " + question.purpose, e);
            }
            Duration doubled = wait.multipliedBy(2);
            wait = doubled.compareTo(settings.longestWait()) > 0 ? settings.longestWait() : doubled;
        }
    }

    private Reply askOnce(URI url, Question question) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url + question.path))
                .timeout(settings.readTimeout())
                .header("Accept", CONTENT_TYPE + ", application/json");
        settings.headers().forEach(request::header);
        if (settings.authorization() != null) {
            request.header("Authorization", settings.authorization());
        }
        if (question.body == null) {
            request.GET();
        } else {
            request.header("Content-Type", CONTENT_TYPE).POST(HttpRequest.BodyPublishers.ofString(question.body));
        }
        Duration limit = settings.connectTimeout().plus(settings.readTimeout());
        HttpResponse<String> response;
        try {
            response = WholeAnswer.of(
                    client, request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8), limit);
        } catch (SSLHandshakeException | SSLPeerUnverifiedException e) {
            return new Refused(new Refusal(url, 0, 0, "TLS: " + e.getMessage()));
        } catch (HttpConnectTimeoutException e) {
            return new NoAnswer(
                    url, "no connection within " + settings.connectTimeout().toMillis() + " ms", e);
        } catch (HttpTimeoutException e) {
            return new NoAnswer(
                    url, "no answer within " + settings.readTimeout().toMillis() + " ms", e);
        } catch (TimeoutException e) {
            return new NoAnswer(url, "no whole answer within " + limit.toMillis() + " ms", e);
        } catch (IOException e) {
            return new NoAnswer(url, reason(e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RegistryUnavailableException(
                    "interrupted while asking the schema registry " + url + ": cannot " + question.purpose, e);
        }
        return read(url, response);
    }

    private Reply read(URI url, HttpResponse<String> response) {
        int status = response.statusCode();
        JsonNode body = null;
        try {
            body = json.readTree(response.body());
        } catch (JsonProcessingException e) {
            if (status == 200) {
                return new Refused(
                        new Refusal(url, status, 0, "its answer is not JSON: " + shortened(response.body())));
            }
        }
        if (status == 200 && body != null) {
            return new Answered(url, body);
        }
        int errorCode = body == null ? 0 : body.path("error_code").asInt(0);
        String message = body == null ? response.body() : body.path("message").asText(response.body());
        if (status == 408 || status == 429 || status >= 500) {
            return new NoAnswer(url, "status " + status + " " + shortened(message), null);
        }
        return new Refused(new Refusal(url, status, errorCode, shortened(message)));
    }

    private static RegistryRefusedException refusal(Refusal refusal, Question question, @Nullable String subject) {
        String start = "cannot " + question.purpose + ": registry " + refusal.url + " ";
        String rest = switch (refusal.status) {
            case 0 ->
                "cannot be trusted (" + refusal.message
                        + "); set schema.registry.ssl.truststore.location to a store with its authority";
            case 200 ->
                "does not answer like a schema registry (" + refusal.message
                        + "); schema.registry.url must be the base URL of Confluent's API, such as"
                        + " http://host:8081 or http://host:8080/apis/ccompat/v7";
            case 401 ->
                "refused the credentials, or wants some (status 401 " + refusal.message
                        + "); set basic.auth.user.info or bearer.auth.token";
            case 403 ->
                "does not allow it (status 403 " + refusal.message
                        + "); its administrator must grant access"
                        + (subject == null ? "" : " to subject " + subject);
            case 404 ->
                refusal.fromRegistry()
                        ? "does not know it (" + refusal.message
                                + "); register the schema beforehand or set auto.register.schemas=true"
                        : "answers 404 to " + question.path
                                + "; schema.registry.url must be the base URL of Confluent's API, such as"
                                + " http://host:8081 or http://host:8080/apis/ccompat/v7";
            case 409 ->
                "says that it is incompatible with the versions that are there (" + refusal.message
                        + "); change the schema so that old and new records can be read, or the subject's"
                        + " compatibility";
            default -> "answers status " + refusal.status + ": " + refusal.message;
        };
        return refusal.status == 404 && refusal.fromRegistry()
                ? new NotRegisteredException(start + rest)
                : new RegistryRefusedException(start + rest);
    }

    private static RegistryUnavailableException unavailable(
            Question question, Map<URI, NoAnswer> failures, int attempts) {
        StringBuilder message = new StringBuilder("schema registry unreachable: cannot ")
                .append(question.purpose)
                .append(" after ")
                .append(attempts)
                .append(attempts == 1 ? " attempt:" : " attempts:");
        Exception cause = null;
        String separator = " ";
        for (NoAnswer failure : failures.values()) {
            message.append(separator).append(failure.url).append(" - ").append(failure.why);
            separator = "; ";
            cause = failure.cause == null ? cause : failure.cause;
        }
        message.append(". schema.registry.url must name a registry that runs and can be reached from here");
        return cause == null
                ? new RegistryUnavailableException(message.toString())
                : new RegistryUnavailableException(message.toString(), cause);
    }

    // ---- small parts

    private int integer(Answered answer, String field, Question question) {
        JsonNode value = answer.body.path(field);
        if (!value.isInt()) {
            throw refusal(notARegistry(answer, field), question, null);
        }
        return value.asInt();
    }

    private static String text(Answered answer, String field, Question question) {
        JsonNode value = answer.body.path(field);
        if (!value.isTextual()) {
            throw refusal(notARegistry(answer, field), question, null);
        }
        return value.asText();
    }

    private static Refusal notARegistry(Answered answer, String field) {
        return new Refusal(answer.url, 200, 0, "its answer has no '" + field + "'");
    }

    private String body(Schema schema) {
        return json.createObjectNode().put("schema", schema.toString()).toString();
    }

    private String normalize() {
        return settings.normalize() ? "?normalize=true" : "";
    }

    private static String encoded(String part) {
        return URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static String reason(IOException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof UnresolvedAddressException) {
                return "unknown host";
            }
        }
        String message = e.getMessage();
        if (e instanceof ConnectException && message == null) {
            return "connection refused";
        }
        return message == null ? e.getClass().getSimpleName() : e.getClass().getSimpleName() + ": " + message;
    }

    private static String shortened(String text) {
        String line = text.strip().replaceAll("\\s+", " ");
        return line.length() <= LONGEST_MESSAGE ? line : line.substring(0, LONGEST_MESSAGE) + "...";
    }
}
