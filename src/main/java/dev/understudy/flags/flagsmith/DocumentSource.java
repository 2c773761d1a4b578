package dev.understudy.flags.flagsmith;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.flagsmith.MapperFactory;
import dev.understudy.domain.DurationText;
import dev.understudy.http.WholeAnswer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Asks Flagsmith for the environment document: all flags of an environment and what decides about them. It comes in pages
 * where many identities have flags of their own; every page is fetched. The key goes to the configured address and,
 * because redirects are not followed and of a link to a further page only the query counts, nowhere else.
 */
final class DocumentSource {
    private static final String OVERRIDES = "identity_overrides";
    private static final Pattern NEXT_PAGE = Pattern.compile("<([^<>]*)>[^<]*\\brel=\"?next\\b");
    private static final ObjectMapper JSON = MapperFactory.getMapper();

    private final URI uri;
    private final String environmentKey;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private record Page(ObjectNode document, @Nullable URI next) {}

    DocumentSource(FlagsmithSettings settings) {
        this.uri = settings.documentUri();
        this.environmentKey = settings.environmentKey();
    }

    /**
     * The document of now.
     *
     * @param limit how long all pages together may take
     */
    ObjectNode fetch(Duration limit) throws NoDocumentException, InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        Page page = page(uri, limit, deadline);
        ObjectNode document = page.document;
        requireFlags(document);
        ArrayNode overrides = JSON.createArrayNode();
        document.path(OVERRIDES).forEach(overrides::add);
        while (page.next != null) {
            page = page(page.next, limit, deadline);
            page.document.path(OVERRIDES).forEach(overrides::add);
        }
        document.set(OVERRIDES, overrides);
        return document;
    }

    /** A document that was fetched before and written down. */
    static ObjectNode read(String text) throws NoDocumentException {
        ObjectNode document = document(text.getBytes(StandardCharsets.UTF_8));
        requireFlags(document);
        return document;
    }

    private static void requireFlags(ObjectNode document) throws NoDocumentException {
        if (!document.path("feature_states").isArray()) {
            throw noDocument();
        }
    }

    private Page page(URI of, Duration limit, long deadline) throws NoDocumentException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(of)
                .header("X-Environment-Key", environmentKey)
                .header("Accept", "application/json")
                .build();
        try {
            HttpResponse<byte[]> response = WholeAnswer.of(
                    client,
                    request,
                    HttpResponse.BodyHandlers.ofByteArray(),
                    Duration.ofNanos(deadline - System.nanoTime()));
            if (response.statusCode() != 200) {
                throw NoDocumentException.answered(response.statusCode());
            }
            return new Page(document(response.body()), next(response));
        } catch (TimeoutException e) {
            throw new NoDocumentException("no complete answer within " + DurationText.format(limit));
        } catch (IOException e) {
            // The kind of the error only: an exception's own text could hold anything.
            throw new NoDocumentException("network error, " + e.getClass().getSimpleName());
        }
    }

    private static ObjectNode document(byte[] body) throws NoDocumentException {
        try {
            if (JSON.readTree(body) instanceof ObjectNode document) {
                return document;
            }
        } catch (IOException e) {
            // Said below.
        }
        throw noDocument();
    }

    /** What was sent is not repeated: it could be anything. */
    private static NoDocumentException noDocument() {
        return new NoDocumentException("the answer was no environment document of Flagsmith");
    }

    private @Nullable URI next(HttpResponse<?> response) throws NoDocumentException {
        for (String links : response.headers().allValues("Link")) {
            Matcher link = NEXT_PAGE.matcher(links);
            if (link.find()) {
                int query = link.group(1).indexOf('?');
                try {
                    return URI.create(uri + link.group(1).substring(query));
                } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
                    throw new NoDocumentException("the link to the next page of the answer cannot be read");
                }
            }
        }
        return null;
    }
}
