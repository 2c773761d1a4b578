package dev.understudy.flags.plan;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.understudy.domain.DurationText;
import dev.understudy.http.WholeAnswer;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Talks to the administration API of a flag system. The token goes to the given addresses and nowhere else: redirects
 * are not followed.
 */
public final class AdminApi {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final int SHOWN = 300;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final String system;
    private final String scheme;
    private final Optional<WriteToken> token;
    private final Duration limit;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /**
     * Contacts nobody yet.
     *
     * @param system its name, for people
     * @param scheme what stands before the token in the header {@code Authorization}, with its blank; may be empty
     * @param token empty where nothing is to be asked or changed
     */
    public AdminApi(String system, String scheme, Optional<WriteToken> token) {
        this(system, scheme, token, LIMIT);
    }

    /** @param limit how long one call may take, to the last byte of its answer */
    AdminApi(String system, String scheme, Optional<WriteToken> token, Duration limit) {
        this.limit = limit;
        this.system = system;
        this.scheme = scheme;
        this.token = token;
    }

    /** A call with this system's way to hand over the token. */
    public ApiCall call(String method, URI uri, String contentType, String body) {
        return new ApiCall(method, uri, scheme, contentType, body);
    }

    /** Reads what stands there. */
    public JsonNode get(URI uri) throws FlagPlanException {
        ApiCall call = call("GET", uri, "", "");
        try {
            return JSON.readTree(send(call));
        } catch (FlagWriteException e) {
            throw new FlagPlanException(String.valueOf(e.getMessage()), e);
        } catch (JsonProcessingException e) {
            throw new FlagPlanException(call.title() + " was not answered by JSON: is it the API of " + system + "?");
        }
    }

    /**
     * Makes a plan's steps, unless another plan would be made of the flag by now. A kill is made without another look.
     *
     * @param planner what made the plan
     */
    public void make(FlagPlan plan, FlagWriter planner) throws FlagWriteException {
        if (plan.change() instanceof FlagChange.Share) {
            try {
                if (!planner.plan(plan.change()).equals(plan)) {
                    throw outdated("flag '" + plan.change().key() + "' was changed by others meanwhile", null);
                }
            } catch (FlagPlanException e) {
                throw outdated(String.valueOf(e.getMessage()), e);
            }
        }
        for (FlagStep step : plan.steps()) {
            if (!(step instanceof ApiCall call)) {
                throw new IllegalArgumentException(step.title() + " is no call of " + system);
            }
            send(call);
        }
    }

    private static FlagWriteException outdated(String why, @Nullable Throwable cause) {
        return new FlagWriteException(
                FlagWriteException.Outcome.OUTDATED, "nothing was changed: " + why + "; plan again", cause);
    }

    private String send(ApiCall call) throws FlagWriteException {
        WriteToken secret = token.orElseThrow(() -> new FlagWriteException(
                call.title() + " needs a token of " + system + " in the variable " + WriteToken.VARIABLE));
        HttpRequest.Builder request = HttpRequest.newBuilder(call.uri())
                .header("Authorization", scheme + secret.secret())
                .header("Accept", "application/json")
                .method(
                        call.method(),
                        call.body().isEmpty()
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(call.body()));
        if (!call.contentType().isEmpty()) {
            request.header("Content-Type", call.contentType());
        }
        try {
            HttpResponse<String> answer =
                    WholeAnswer.of(client, request.build(), HttpResponse.BodyHandlers.ofString(), limit);
            if (answer.statusCode() / 100 != 2) {
                throw new FlagWriteException(call.title() + " was answered " + answer.statusCode()
                        + remedy(answer.statusCode()) + said(secret, answer.body()));
            }
            return answer.body();
        } catch (TimeoutException e) {
            throw unanswered(call, "was not answered to the end within " + DurationText.format(limit), e);
        } catch (ConnectException e) {
            throw new FlagWriteException(call.title() + " could not be made: nobody takes connections there", e);
        } catch (IOException e) {
            // The kind of the error only: an exception's own text could hold anything.
            throw unanswered(call, "failed, " + e.getClass().getSimpleName(), null);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unanswered(call, "was interrupted", e);
        }
    }

    private static FlagWriteException unanswered(ApiCall call, String what, @Nullable Throwable cause) {
        boolean reads = call.method().equals("GET");
        return new FlagWriteException(
                reads ? FlagWriteException.Outcome.NOT_MADE : FlagWriteException.Outcome.UNKNOWN,
                call.title() + " " + what + (reads ? "" : "; whether it was made is not known"),
                cause);
    }

    private String remedy(int status) {
        return switch (status) {
            case 401 -> " (the token in " + WriteToken.VARIABLE + " is not one of " + system + ")";
            case 403 ->
                " (the token in " + WriteToken.VARIABLE
                        + " may not do this, or changes of this environment have to be approved by others)";
            case 404 -> " (is there such a flag, project and environment?)";
            default -> "";
        };
    }

    /** The beginning of what the server said; without the token, should it say that too. */
    private static String said(WriteToken secret, String body) {
        String text = secret.removedFrom(body).replaceAll("\\s+", " ").strip();
        if (text.isEmpty() || text.startsWith("<")) {
            return "";
        }
        return ": " + (text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…");
    }
}
