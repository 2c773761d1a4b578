package dev.understudy.flags.unleash;

import dev.understudy.flags.ServerSettings;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a flag is kept on an Unleash server.
 *
 * @param url the server, with or without the {@code /api} at the end
 * @param project the flags' project
 * @param environment the environment in which they are changed
 */
public record UnleashAdmin(URI url, String project, String environment) {
    private static final Pattern BACKEND_TOKEN = Pattern.compile("[^:]+:([^.:]+)\\..+");

    public UnleashAdmin {
        ServerSettings.requireAddress("flags.unleash.url", url, "http://unleash:4242");
    }

    /**
     * The environment that a backend token is of; empty where it does not tell.
     *
     * @param token like {@code default:development.secret}
     */
    public static Optional<String> environmentOf(String token) {
        Matcher matcher = BACKEND_TOKEN.matcher(token);
        return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    /** A flag in the environment. */
    URI feature(String key) {
        String server = url.toString().replaceAll("/+$", "").replaceAll("/api$", "");
        return URI.create(server + "/api/admin/projects/" + part(project) + "/features/" + part(key) + "/environments/"
                + part(environment));
    }

    private static String part(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** For people. */
    String place() {
        return "Unleash at " + url + ", project " + project + ", environment " + environment;
    }
}
