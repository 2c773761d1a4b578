package dev.understudy.page;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/**
 * Decides who may read. With a token: who gives it, as a bearer token or as the password of Basic authentication, which
 * browsers ask for. Without: requests to a loopback name only, so that no page on the web can reach this one through a name
 * of its own that leads here (DNS rebinding).
 */
final class Gatekeeper {
    private static final Set<String> LOOPBACK_NAMES = Set.of("127.0.0.1", "localhost", "[::1]");

    private final Optional<PageSettings.Token> token;
    private final String host;

    Gatekeeper(PageSettings settings) {
        this.token = settings.token();
        this.host = settings.hostInUrl();
    }

    /** Why a request is not answered. */
    record Refusal(int status, String why) {}

    static Optional<Refusal> methodRefusal(Request request) {
        return HttpMethod.GET.is(request.getMethod()) || HttpMethod.HEAD.is(request.getMethod())
                ? Optional.empty()
                : Optional.of(
                        new Refusal(HttpStatus.METHOD_NOT_ALLOWED_405, "Only GET and HEAD: this page is read-only."));
    }

    Optional<Refusal> refusal(Request request) {
        if (token.isPresent()) {
            return isGiven(token.get(), request.getHeaders().get(HttpHeader.AUTHORIZATION))
                    ? Optional.empty()
                    : Optional.of(new Refusal(
                            HttpStatus.UNAUTHORIZED_401,
                            "A token is needed: as a bearer token, or as the password of any user."));
        }
        String asked = Request.getServerName(request);
        return LOOPBACK_NAMES.contains(asked) || host.equals(asked)
                ? Optional.empty()
                : Optional.of(new Refusal(
                        HttpStatus.MISDIRECTED_REQUEST_421,
                        "Without a token this page is for 127.0.0.1 and localhost only; page.token-file sets one."));
    }

    private static boolean isGiven(PageSettings.Token token, @Nullable String authorization) {
        if (authorization == null) {
            return false;
        }
        String given = "";
        if (authorization.regionMatches(true, 0, "Bearer ", 0, 7)) {
            given = authorization.substring(7).strip();
        } else if (authorization.regionMatches(true, 0, "Basic ", 0, 6)) {
            given = password(authorization.substring(6).strip());
        }
        return MessageDigest.isEqual(
                given.getBytes(StandardCharsets.UTF_8), token.secret().getBytes(StandardCharsets.UTF_8));
    }

    private static String password(String encoded) {
        try {
            String pair = new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
            return pair.substring(pair.indexOf(':') + 1);
        } catch (IllegalArgumentException e) {
            return "";
        }
    }
}
