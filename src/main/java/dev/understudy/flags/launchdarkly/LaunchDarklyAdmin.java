package dev.understudy.flags.launchdarkly;

import dev.understudy.flags.ServerSettings;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/**
 * Where a flag is kept at LaunchDarkly.
 *
 * @param api the service's address
 * @param project key of the flags' project
 * @param environment key of the environment in which they are changed
 */
public record LaunchDarklyAdmin(URI api, String project, String environment) {
    public LaunchDarklyAdmin {
        ServerSettings.requireAddress("flags.launchdarkly.api-uri", api, "https://app.launchdarkly.com");
    }

    URI flag(String key) {
        return URI.create(api.toString().replaceAll("/+$", "") + "/api/v2/flags/" + part(project) + "/" + part(key));
    }

    /** The flag with this environment alone. */
    URI flagInEnvironment(String key) {
        return URI.create(flag(key) + "?env=" + part(environment));
    }

    private static String part(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** For people. */
    String place() {
        return "LaunchDarkly at " + api + ", project " + project + ", environment " + environment;
    }
}
